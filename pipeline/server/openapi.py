"""The API described as OpenAPI 3.1, for programs and for people."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from pipeline.articles.parties.manner import QUOTED, REPORTED
from pipeline.server.limits import Limits
from pipeline.server.messages import METADATA
from pipeline.stances import NONE, STANCES

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_YES_OR_NO: Schema = {"type": "boolean"}
_NO: Schema = {"type": "boolean", "default": False}
_STANCE: Schema = {"enum": list(STANCES)}
_ERRORS = {
    "400": "Not JSON, or asked under a name that is not the server's.",
    "403": "Sent by a page of another site.",
    "408": "The body did not arrive in time.",
    "413": "Too large, or too many at once.",
    "415": "Not sent as application/json.",
    "422": "A field is missing, unknown, or not as it should be; or an article cannot be read.",
    "500": "An error of the server.",
    "503": "Busy: try again after the seconds of Retry-After.",
    "504": "Takes too long to work on.",
}


def describe_api(limits: Limits) -> Schema:
    """Describe the API.

    Parameters
    ----------
    limits : Limits
        Those that requests have to keep.

    Returns
    -------
    dict
        OpenAPI 3.1.
    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "stance pipeline",
            "version": version("stance-pipeline"),
            "description": "Who accuses, who denies, who announces in English news. A body may "
            f"have up to {limits.body_bytes:,} bytes.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": {
            "/predict": _post("predict", "The stances of sentences", "Predict", "Predictions"),
            "/read": _post("read", "Who says what in articles, about whom", "Read", "Stories"),
            "/healthz": _get("health", "Whether the server answers", "Health"),
            "/openapi.json": _get("describe", "This description", "Description"),
        },
        "components": {
            "schemas": {**_requests(limits), **_answers(), **_parts()},
        },
    }


def _requests(limits: Limits) -> Schema:
    texts = {**_TEXTS, "minItems": 1, "maxItems": limits.texts}
    articles = {**_list("ArticleToRead"), "minItems": 1, "maxItems": limits.articles}
    told = dict.fromkeys(("name", *METADATA), _TEXT_OR_NULL)
    score = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
    return {
        "Predict": _object({"texts": texts, "explain": _NO, "min_score": score}, ["texts"]),
        "Read": _object(
            {"articles": articles, "one_story": _NO, "explain": _NO, "min_score": score},
            ["articles"],
        ),
        "ArticleToRead": _object({"text": _TEXT, **told}, ["text"]),
    }


def _answers() -> Schema:
    story = {"articles": _list("Article"), "parties": _list("Party"), "charges": _list("Charge")}
    told = {"what": _TEXT, "where": _TEXT, "remedy": _TEXT}
    health = {"status": {"const": "ok"}, "version": _TEXT, "working": _COUNT, "waiting": _COUNT}
    prediction = {"text": _TEXT, **_prediction()}
    return {
        "Predictions": _object({"predictions": {"type": "array", "items": _object(prediction)}}),
        "Stories": _object({"stories": _list("Story")}),
        "Story": _object(story),
        "Health": _object(health),
        "Description": {"type": "object"},
        "Error": _object({"error": _object(told)}),
    }


def _parts() -> Schema:
    charge = {
        "accuser": _TEXT_OR_NULL,
        "accused": _TEXT_OR_NULL,
        "statements": _list("Place"),
        "denials": _list("Place"),
    }
    article = {
        **{"text": _TEXT, "name": _TEXT_OR_NULL, "headline": _TEXT_OR_NULL},
        **{"dateline": _TEXT_OR_NULL, "sentences": _list("Sentence")},
        **{"metadata": _object(dict.fromkeys(METADATA, _TEXT_OR_NULL))},
        **{"language": _TEXT_OR_NULL},
    }
    return {
        "Article": _object(article),
        "Sentence": _object(_sentence()),
        "Prediction": _object(_prediction()),
        "Party": _object({"name": _TEXT_OR_NULL, "statements": _list("Place")}),
        "Charge": _object(charge),
        "Place": _object({"article": _COUNT, "sentence": {"type": "integer", "minimum": 1}}),
    }


def _sentence() -> Schema:
    return {
        **{"sentence": {"type": "integer", "minimum": 1}, "text": _TEXT},
        **{"start": _COUNT, "end": _COUNT, "paragraph": _COUNT, "is_headline": _YES_OR_NO},
        **{"speaker": _TEXT_OR_NULL, "parties": _TEXTS},
        **{"manner": {"enum": [QUOTED, REPORTED, None]}, "accused_parties": _TEXTS},
        **{"accusers": _TEXTS, "prediction": _named("Prediction")},
        **{"party": _TEXT_OR_NULL, "accused": _TEXT_OR_NULL},
    }


def _prediction() -> Schema:
    score = {"type": "number", "minimum": 0, "maximum": 1}
    reason = [_TEXT, {"type": "number"}, _TEXT]
    term = {"type": "array", "prefixItems": reason, "minItems": 3, "maxItems": 3}
    terms = {"type": "array", "items": term}
    explanation = {**_object(dict.fromkeys(STANCES, terms)), "type": ["object", "null"]}
    return {
        "stance": {"enum": [*STANCES, NONE]},
        "stances": {"type": "array", "items": _STANCE, "uniqueItems": True},
        "scores": _object(dict.fromkeys(STANCES, score)),
        "explanation": explanation,
        "thresholds": _object(dict.fromkeys(STANCES, score)),
    }


def _object(properties: Schema, required: list[str] | None = None) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
        "additionalProperties": False,
    }


def _named(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(name: str) -> Schema:
    return {"type": "array", "items": _named(name)}


def _content(description: str, name: str) -> Schema:
    return {
        "description": description,
        "content": {"application/json": {"schema": _named(name)}},
    }


def _get(name: str, summary: str, found: str) -> Schema:
    answers = {"200": _content(summary, found), "400": _error("400")}
    return {"get": {"operationId": name, "summary": summary, "responses": answers}}


def _post(name: str, summary: str, asked: str, found: str) -> Schema:
    answers = {status: _error(status) for status in _ERRORS}
    body = {**_content(summary, asked), "required": True}
    del body["description"]
    return {
        "post": {
            "operationId": name,
            "summary": summary,
            "requestBody": body,
            "responses": {"200": _content(summary, found), **answers},
        }
    }


def _error(status: str) -> Schema:
    answer = {**_content(_ERRORS[status], "Error")}
    if status == "503":
        answer["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    return answer
