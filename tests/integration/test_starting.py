"""A site that is not ready: the service ends at once, and says what to do."""

from __future__ import annotations

from collections.abc import Callable

from tests.integration.parts.stack import Stack

MakeStack = Callable[..., Stack]


def test_a_second_service_in_the_same_data_folder(stack: MakeStack) -> None:
    centre = stack().start()
    first = centre.service
    second = centre.start_service(serving=False)
    assert second.wait(20) == 1
    second.wait_for_line("callcentre run: another service writes to .*; stop it, or use another data folder")
    centre.service = first
    assert '"status": "ok"' in centre.get("/health")


def test_a_port_that_is_taken(stack: MakeStack) -> None:
    centre = stack().start()
    other = stack(http__port=centre.http_port)
    service = other.start_service(serving=False)
    assert service.wait(20) == 1
    service.wait_for_line(f"callcentre run: .*{centre.http_port}.*other ports")


def test_a_database_of_another_version(stack: MakeStack) -> None:
    centre = stack()
    centre.data.joinpath("callcentre.sqlite3").unlink()
    service = centre.start_service(serving=False)
    assert service.wait(20) == 1
    service.wait_for_line("callcentre run: the database is at revision None.*callcentre db upgrade")
