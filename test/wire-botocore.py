"""Requests as botocore writes them, and answers as it reads them.

Reads cases from standard input, one JSON document each line, and answers in the same way. Members that this release
of botocore does not know are left out of both sides.
"""

import base64
import datetime
import json
import sys

import botocore.awsrequest
import botocore.loaders
import botocore.model
import botocore.parsers
import botocore.serialize

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = datetime.timedelta(milliseconds=1)


def from_json(value):
    if isinstance(value, list):
        return [from_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "$date" in value:
        return EPOCH + value["$date"] * MILLISECOND
    if "$bytes" in value:
        return base64.b64decode(value["$bytes"])
    return {name: from_json(held) for name, held in value.items()}


def to_json(value):
    if isinstance(value, datetime.datetime):
        return {"$date": round((value - EPOCH) / MILLISECOND)}
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {name: to_json(held) for name, held in value.items()}
    return value


def known(value, shape):
    if shape is None:
        return {}
    if shape.type_name == "structure":
        return {
            name: known(held, shape.members[name])
            for name, held in value.items()
            if name in shape.members
        }
    if shape.type_name == "list":
        return [known(item, shape.member) for item in value]
    if shape.type_name == "map":
        return {key: known(held, shape.value) for key, held in value.items()}
    return value


class Services:
    def __init__(self):
        self.loader = botocore.loaders.Loader()
        self.models = {}

    def model(self, service):
        if service not in self.models:
            text = self.loader.load_service_model(service, "service-2")
            self.models[service] = botocore.model.ServiceModel(text, service)
        return self.models[service]


def answer(case, services):
    model = services.model(case["service"])
    if case["operation"] not in model.operation_names:
        return {"absent": True}
    operation = model.operation_model(case["operation"])
    given = known(from_json(case["input"]), operation.input_shape)
    serializer = botocore.serialize.create_serializer(case["protocol"], False)
    request = serializer.serialize_to_request(given, operation)
    body = request["body"]
    if isinstance(body, dict):
        from urllib.parse import urlencode

        body = urlencode(body)
    body = body.encode() if isinstance(body, str) else body
    parser = botocore.parsers.create_parser(case["protocol"])
    parsed = parser.parse(
        {
            "status_code": 200,
            "headers": botocore.awsrequest.HeadersDict(case["headers"]),
            "body": base64.b64decode(case["body"]),
        },
        operation.output_shape,
    )
    parsed.pop("ResponseMetadata", None)
    return {
        "input": to_json(given),
        "method": request["method"],
        "path": request["url_path"],
        "query": query_of(request["query_string"]),
        "headers": {name: str(value) for name, value in request["headers"].items()},
        "body": base64.b64encode(body).decode(),
        "output": to_json(known(from_json(case["output"]), operation.output_shape)),
        "parsed": to_json(parsed),
    }


def query_of(query):
    if not isinstance(query, dict):
        query = dict(pair.partition("=")[::2] for pair in query.split("&") if pair)
    return {name: value if isinstance(value, list) else str(value) for name, value in query.items()}


def main():
    services = Services()
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line), services)))


main()
