"""Which AWS SDKs a program uses, by what it lists."""

from __future__ import annotations

import pytest

from credlint.files import Files
from credlint.sdks import detect

LISTED = [
    ("go.mod", "module x\nrequire github.com/aws/aws-sdk-go v1.55.5\n", ("go-v1",)),
    ("go.mod", "require (\n\tgithub.com/aws/aws-sdk-go-v2 v1.30.0\n\tgithub.com/aws/smithy-go v1.2.0\n)\n", ("go-v2",)),
    ("package.json", '{"dependencies": {"aws-sdk": "^2.1", "@aws-sdk/client-s3": "^3"}}', ("js-v2", "js-v3")),
    ("package.json", '{"dependencies": {"@aws-sdk/types": "^3", "my-aws-sdk": "1"}}', ()),
    ("package-lock.json", '{"packages": {"node_modules/aws-sdk": {"version": "2.1"}}}', ("js-v2",)),
    ("yarn.lock", '"@aws-sdk/client-s3@^3.1":\n  version "3.1"\naws-sdk@^2.1:\n', ("js-v2", "js-v3")),
    ("requirements.txt", "flask\nboto3==1.40\nawscli\n", ("awscli-v1", "boto3")),
    ("requirements-base.txt", "aioboto3\n", ("boto3",)),
    ("requirements.txt", "# boto3\nboto3-stubs\ndjango-storages[boto3]\nawscli-local\n", ()),
    ("Pipfile", '[packages]\nboto3 = "*"\n', ("boto3",)),
    ("pyproject.toml", '[project]\ndependencies = ["flask", "boto3>=1.40"]\n', ("boto3",)),
    ("pyproject.toml", '[tool.poetry.dependencies]\nboto3 = "^1.40"\n', ("boto3",)),
    ("pyproject.toml", '[project]\n# "boto3"\ndependencies = ["boto3-stubs"]\n', ()),
    ("uv.lock", '[[package]]\nname = "boto3"\n', ("boto3",)),
    ("poetry.lock", '[[package]]\nname = "awscli"\n', ("awscli-v1",)),
    ("pom.xml", "<groupId>com.amazonaws</groupId>\n  <artifactId>aws-java-sdk-s3</artifactId>", ("java-v1",)),
    ("pom.xml", "<groupId>com.amazonaws</groupId>\n  <artifactId>aws-lambda-java-core</artifactId>", ()),
    ("pom.xml", "<groupId>software.amazon.awssdk</groupId>\n  <artifactId>s3</artifactId>", ("java-v2",)),
    ("build.gradle", "implementation 'software.amazon.awssdk:s3:2.25'", ("java-v2",)),
    ("build.gradle.kts", 'implementation("aws.sdk.kotlin:s3:1.3")', ("kotlin",)),
    ("Gemfile", "gem 'aws-sdk-s3'\n", ("ruby",)),
    ("Gemfile.lock", "    aws-sdk-core (3.190.0)\n", ("ruby",)),
    ("composer.json", '{"require": {"aws/aws-sdk-php": "^3"}}', ("php",)),
    ("Cargo.toml", '[dependencies]\naws-config = "1"\n', ("rust",)),
    ("Cargo.toml", '[dependencies]\naws-lc-rs = "1"\n', ()),
    ("Shop.csproj", '<PackageReference Include="AWSSDK.S3" Version="3.7.1" />', ("dotnet-v3",)),
    ("Shop.csproj", '<PackageReference Include="AWSSDK.S3" Version="4.0.0" />', ("dotnet-v4",)),
    ("Shop.csproj", '<PackageReference Include="AWSSDK.S3" />', ()),
    ("README.md", "boto3\n", ()),
]


@pytest.mark.parametrize(("name", "text", "sdks"), LISTED, ids=[f"{name}-{sdks}" for name, _, sdks in LISTED])
def test_what_a_list_says(name: str, text: str, sdks: tuple[str, ...]) -> None:
    files = Files(overlay={f"api/{name}": text}, disk=False)
    assert detect(["api"], files) == sdks


def test_the_nearest_folder_that_says_something_counts() -> None:
    files = Files(overlay={"requirements.txt": "boto3\n", "api/go.mod": "github.com/aws/aws-sdk-go v1.5\n"}, disk=False)
    assert detect(["api", "."], files) == ("go-v1",)
    assert detect(["web", "."], files) == ("boto3",)
    assert detect([], files) == ()
