"""Assets: object schemas, their attributes, and objects by AQL; a Cloud and a Data Center answer differently."""

from __future__ import annotations

import re
from typing import Any

from itsm_bridge.simulation import Answer
from itsm_bridge_jira_sm.testing.answers import Refusal
from itsm_bridge_jira_sm.testing.asked import Asked
from itsm_bridge_jira_sm.testing.instants import as_datetime
from itsm_bridge_jira_sm.testing.issue_json import WORKSPACE
from itsm_bridge_jira_sm.testing.records import AssetObject
from itsm_bridge_jira_sm.testing.site import Site
from itsm_bridge_jira_sm.testing.terms_json import Json

SCHEMA = "1"
_AQL = re.compile(r"objectSchemaId = (\d+) ORDER BY Key ASC")
_TYPES = {"text": 0, "date": 0, "object": 1, "user": 2, "status": 7}
_MOST_COUNTED = 1000


class AssetApi:
    """Answers below the API of Assets. `may_see` is whether the account has a role in the object schema.

    `page_rows` is how many objects a page has at the most, whatever is asked for.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.is_licensed = True
        self.may_see = True
        self.page_rows = 50

    def answer(self, asked: Asked) -> Answer | None:
        """Return an answer; None where there is no such thing."""
        steps = asked.steps
        if self.site.is_cloud:
            if steps[:2] != (WORKSPACE, "v1"):
                return None
            steps = steps[2:]
        if not self.is_licensed:
            raise Refusal(404, "null for uri")
        match steps:
            case ("objectschema", "list") if asked.method == "GET":
                return self._schemas()
            case ("objectschema", number, "attributes") if asked.method == "GET" and number == SCHEMA:
                return Answer.of([self._attribute(name, kind) for name, kind in self.site.asset_attributes.items()])
            case ("object", "aql") if self.site.is_cloud and asked.method == "POST":
                return self._by_offset(asked)
            case ("aql", "objects") if not self.site.is_cloud and asked.method == "GET":
                return self._by_page(asked)
        return None

    def _schemas(self) -> Answer:
        number: Any = SCHEMA if self.site.is_cloud else int(SCHEMA)
        schema = {"id": number, "name": "IT assets", "objectSchemaKey": "CMDB", "status": "Ok",
                  "objectCount": len(self.site.assets), "objectTypeCount": 1}  # fmt: skip
        found = [schema] if self.may_see else []
        if not self.site.is_cloud:
            return Answer.of({"objectschemas": found})
        return Answer.of({"startAt": 0, "maxResults": 25, "total": len(found), "isLast": True, "values": found})

    def _number(self, name: str) -> Any:
        number = 100 + list(self.site.asset_attributes).index(name)
        return str(number) if self.site.is_cloud else number

    def _attribute(self, name: str, kind: str) -> Json:
        found = {"id": self._number(name), "name": name, "label": name == "Name", "type": _TYPES[kind]}
        if _TYPES[kind] == 0:
            found["defaultType"] = {"id": 4, "name": "Date"} if kind == "date" else {"id": 0, "name": "Text"}
        return found

    def _found(self, query: Any) -> list[AssetObject]:
        asked = _AQL.fullmatch(str(query or ""))
        if asked is None:
            raise Refusal(400, f"The AQL query {query!r} is not understood here.")
        return sorted(self.site.assets.values(), key=lambda one: one.number) if asked[1] == SCHEMA else []

    def _by_offset(self, asked: Asked) -> Answer:
        found = self._found(asked.body.get("qlQuery"))
        start, most = int(asked.parameters.get("startAt", 0)), int(asked.parameters.get("maxResults", 25))
        shown = found[start : start + min(most, self.page_rows)]
        is_last = start + len(shown) >= len(found)
        body = {"startAt": start, "maxResults": most, "total": min(len(found), _MOST_COUNTED), "isLast": is_last,
                "hasMoreResults": not is_last, "values": [self._object(one) for one in shown],
                "objectTypeAttributes": []}  # fmt: skip
        return Answer.of(body, len(shown))

    def _by_page(self, asked: Asked) -> Answer:
        found = self._found(asked.get("qlQuery"))
        page, size = asked.number("page", 1), asked.number("resultPerPage", 25, self.page_rows)
        shown = found[(page - 1) * size : page * size]
        body = {"objectEntries": [self._object(one) for one in shown], "objectTypeAttributes": [],
                "totalFilterCount": len(found), "pageNumber": page, "pageSize": -(-len(found) // size),
                "startIndex": (page - 1) * size + 1, "toIndex": (page - 1) * size + len(shown)}  # fmt: skip
        return Answer.of(body, len(shown))

    def _brief(self, one: AssetObject) -> Json:
        number: Any = str(one.number) if self.site.is_cloud else one.number
        own = {"workspaceId": WORKSPACE, "globalId": f"{WORKSPACE}:{number}"} if self.site.is_cloud else {}
        return {
            **own, "id": number, "label": one.label, "objectKey": f"CMDB-{one.number}",
            "objectType": {"id": "7" if self.site.is_cloud else 7, "name": one.kind},
            "created": f"{as_datetime(one.created):%Y-%m-%dT%H:%M:%S}.000Z",
            "updated": f"{as_datetime(one.updated):%Y-%m-%dT%H:%M:%S}.000Z",
        }  # fmt: skip

    def _object(self, one: AssetObject) -> Json:
        values = {"Name": one.label, **one.values}
        return self._brief(one) | {
            "attributes": [
                {"id": f"{one.number}{self._number(name)}", "objectTypeAttributeId": self._number(name),
                 "objectAttributeValues": self._values(self.site.asset_attributes[name], value)}
                for name, value in values.items() if value
            ]
        }  # fmt: skip

    def _values(self, kind: str, value: Any) -> list[Json]:
        if kind == "object":
            others = [self.site.assets[number] for number in value]
            return [{"displayValue": other.label, "searchValue": f"CMDB-{other.number}", "referencedType": True,
                     "referencedObject": self._brief(other)} for other in others]  # fmt: skip
        if kind == "user":
            person = self.site.people[value]
            key = person.account_id if self.site.is_cloud else person.key
            return [{"displayValue": person.display_name, "searchValue": key, "referencedType": False,
                     "user": {"displayName": person.display_name, "key": key}}]  # fmt: skip
        if kind == "status":
            status = {"id": "1" if self.site.is_cloud else 1, "name": value, "category": 1}
            return [{"displayValue": value, "searchValue": value, "referencedType": False, "status": status}]
        return [{"value": value, "displayValue": value, "searchValue": value, "referencedType": False}]
