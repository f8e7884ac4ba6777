"""What every client of Hagukumi needs, on top of what openapi-python-client generates: a token, and one
way to tell an answer from a problem."""

import os
from typing import TypeVar

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


def connect(url: str, role: str) -> AuthenticatedClient:
    """A client that speaks for one role, from `<ROLE>_TOKEN`."""
    return AuthenticatedClient(base_url=url, token=os.environ[f"{role}_TOKEN"])
