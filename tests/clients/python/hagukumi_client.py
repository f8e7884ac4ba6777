"""What every client of Hagukumi needs, on top of what openapi-python-client generates: a token, and one
way to tell an answer from a problem."""

import os
import time
from collections.abc import Generator
from typing import TypeVar

import httpx
from hagukumi.client import AuthenticatedClient
from hagukumi.models import Problem
from hagukumi.types import Response

T = TypeVar("T")


class Refused(Exception):
    """A refusal, with its stable code: `match refused.problem.code`."""

    def __init__(self, problem: Problem) -> None:
        places = [f"\n  {item.pointer}: {item.message}" for item in problem.errors or []]
        super().__init__(f"{problem.status} {problem.code}: {problem.detail}{''.join(places)}")
        self.problem = problem


def ok(response: "Response[Problem | T]") -> T:
    """The data of an answer; a problem is thrown."""
    if response.parsed is None:
        raise RuntimeError(f"{response.status_code} is no answer that the document knows")
    if isinstance(response.parsed, Problem):
        raise Refused(response.parsed)
    return response.parsed


def refusal(response: "Response[Problem | T]") -> Problem:
    """The same for a call that should be refused: its problem."""
    if not isinstance(response.parsed, Problem):
        raise RuntimeError(f"not refused: {response.status_code}")
    return response.parsed


class ClientCredentials(httpx.Auth):
    """A token by client credentials, and a new one a minute before the old one ends."""

    def __init__(self, url: str, client_id: str, secret: str) -> None:
        self._url, self._credentials = f"{url}/oauth/token", (client_id, secret)
        self._token, self._good_until = "", 0.0

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if time.monotonic() >= self._good_until:
            self._sign_in()
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request

    def _sign_in(self) -> None:
        answer = httpx.post(self._url, auth=self._credentials, data={"grant_type": "client_credentials"})
        answer.raise_for_status()
        token = answer.json()
        self._token, self._good_until = token["access_token"], time.monotonic() + token["expires_in"] - 60


def connect(url: str, role: str) -> AuthenticatedClient:
    """A client that speaks for one role, with the credentials in `<ROLE>_CLIENT_ID` and `<ROLE>_CLIENT_SECRET`."""
    credentials = ClientCredentials(url, os.environ[f"{role}_CLIENT_ID"], os.environ[f"{role}_CLIENT_SECRET"])
    return AuthenticatedClient(base_url=url, token="", httpx_args={"auth": credentials})
