"""What a notebook shows of a `Prediction`."""

from __future__ import annotations

from pathlib import Path

from pipeline.inference.predict import Prediction
from pipeline.templates import notebook_style, render_template


def render_prediction(prediction: Prediction) -> str:
    """Render a prediction: the score of each stance, and the threshold that it has to reach.

    Parameters
    ----------
    prediction : Prediction

    Returns
    -------
    str
        A piece of HTML with a style of its own, which touches nothing else on the page.
    """
    return render_template(
        Path(__file__).with_name("prediction.html.jinja"),
        {},
        prediction=prediction,
        style=notebook_style(),
    )
