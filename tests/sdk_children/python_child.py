"""boto3 or the AWS CLI, as argument: worlds as JSON in, what the SDK finds as JSON out.

The chain, the files, the processes and the endpoints are real. STS and SSO are not there, so
what would be asked of them is answered here, and the fixed address of the container endpoint
is turned to the loopback.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import botocore.credentials
import botocore.session
import botocore.utils

EXPIRATION = "2099-01-01T00:00:00Z"


class Sts:
    def assume_role(self, **given: str) -> object:
        return answer("ROLE:" + given["RoleArn"].rpartition("/")[2])

    def assume_role_with_web_identity(self, **given: str) -> object:
        return answer(given["WebIdentityToken"])


def answer(key_id: str) -> dict[str, Any]:
    keys = {"AccessKeyId": key_id, "SecretAccessKey": "s", "SessionToken": "t", "Expiration": EXPIRATION}
    return {"ProviderType": "sso", "Credentials": keys}


def prepare(container: str) -> None:
    botocore.credentials._get_client_creator = lambda session, region: lambda *names, **options: Sts()
    botocore.credentials.SSOCredentialFetcher._get_credentials = lambda self: answer("SSO:" + self._role_name)
    botocore.utils.ContainerMetadataFetcher.IP_ADDRESS = container
    botocore.utils.ContainerMetadataFetcher.SLEEP_TIME = 0


def session(sdk: str) -> Any:
    if sdk == "boto3":
        import boto3

        # The handlers of the services' events have no part in this, and cost nine tenths of the time.
        return boto3.Session(botocore_session=botocore.session.Session(include_builtin_handlers=False))
    from awscli.clidriver import create_clidriver

    return create_clidriver().session


def found(sdk: str) -> dict[str, str]:
    try:
        credentials = session(sdk).get_credentials()
        if credentials is None:
            return {"id": ""}
        return {"id": credentials.get_frozen_credentials().access_key}
    except Exception as error:
        return {"error": type(error).__name__, "text": str(error)}


def main(sdk: str, container: str) -> None:
    prepare(container)
    for line in sys.stdin:
        world = json.loads(line)
        os.environ.clear()
        os.environ.update(world["environment"])
        print(json.dumps(found(sdk)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
