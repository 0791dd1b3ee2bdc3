import json
from pathlib import Path
from functools import lru_cache
@lru_cache
def weights():
    p = Path(__file__).with_name("target_weights.json")
    return json.loads(p.read_text()) if p.exists() else {}
def score(c, w=None):
    w = weights() if w is None else w
    return sum(w.get(f, 0.0) * v for f, v in c.features.items())
def rank(cands):
    return sorted(cands, key=lambda c: -score(c))
