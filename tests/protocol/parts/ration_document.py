"""The published contract of the Civil Supplies Department, and the little a menu needs beyond it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

PUBLISHED = Path(__file__).resolve().parents[2] / "contracts" / "civilsupplieskerala.json"

# A certificate in JSON, in the form that the same document gives for others: status, number, CertificateData.
CERTIFICATE = {
    "type": "object",
    "required": ["status", "number", "CertificateData"],
    "properties": {
        "status": {"type": "string", "enum": ["A", "I"]},
        "number": {"type": ["string", "integer"]},
        "CertificateData": {
            "type": "object",
            "required": ["RationCard"],
            "properties": {
                "RationCard": {
                    "type": "object",
                    "required": ["type", "members"],
                    "properties": {
                        "type": {"enum": ["AAY", "PHH", "NPS", "NPNS"]},
                        "members": {"type": "integer", "minimum": 0},
                    },
                }
            },
        },
    },
}
# In place of an Aadhaar number and a full name, which are not asked for on calls.
BY_NUMBER = {
    "type": "object",
    "required": ["rationCardNo"],
    "properties": {"rationCardNo": {"type": "string", "pattern": "^[0-9]+$"}},
    "additionalProperties": False,
}


class Document:
    """Says what of a request or an answer is not in the contract."""

    def __init__(self) -> None:
        document = json.loads(PUBLISHED.read_text(encoding="utf-8"))
        self._components = document["components"]
        ((self.path, item),) = document["paths"].items()
        operation = item["post"]
        self._request = operation["requestBody"]["content"]["application/json"]["schema"]
        self._request["properties"]["format"]["enum"].append("json")
        self._request["properties"]["certificateParameters"] = BY_NUMBER
        self._answers = operation["responses"]
        self._answers["200"]["content"]["application/json"] = {"schema": CERTIFICATE}
        self._headers = [
            self._components["securitySchemes"][name]["name"] for name in operation["security"][0]
        ]

    def faults_of_request(self, headers: Mapping[str, str], body: bytes) -> list[str]:
        """What the service would object to."""
        missing = [name for name in self._headers if not headers.get(name.lower())]
        return [*missing, *self._faults(self._request, json.loads(body))]

    def faults_of_answer(self, status: int, content_type: str, body: bytes) -> list[str]:
        """What is not an answer of the contract."""
        answer = self._answers.get(str(status))
        if answer is None:
            return [f"no status {status}"]
        if "$ref" in answer:
            answer = self._components["responses"][answer["$ref"].rpartition("/")[2]]
        known = answer["content"].get(content_type)
        if known is None:
            return [f"no {content_type} with {status}"]
        return self._faults(known["schema"], json.loads(body))

    def _faults(self, schema: dict[str, Any], value: object) -> list[str]:
        whole = {**schema, "components": self._components}
        validator = Draft202012Validator(whole, format_checker=FormatChecker())
        return [error.message for error in validator.iter_errors(value)]
