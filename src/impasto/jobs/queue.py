"""The queue: DBOS, which keeps it in the same database as the records.

A job is put in the queue in the transaction that records it: neither is ever there without the
other. Each time it is put there counts as a round, and round N of a job is one workflow. This is
the only module that knows DBOS.
"""

import logging
from collections.abc import Callable
from typing import NoReturn

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer, _serialization

from impasto.errors import InternalError

NAME = "impasto"
VERSION = "1"
"""Of the workflow. Work that was put in under another one would wait forever."""
QUEUE = "impasto-jobs"
WORKFLOW = "impasto.job"
POLLING = 0.25
"""Seconds between two looks at the queue."""

JSON = DBOSPortableJSONSerializer()


def _refuse(text: str) -> NoReturn:
    raise InternalError("the queue holds a pickle, which is not read")


# DBOS unpickles what a row says is a pickle; who may write to the database is not to run code here.
_serialization.DBOSDefaultSerializer.deserialize = _refuse  # type: ignore[method-assign, assignment]

Perform = Callable[[str, int], None]
"""Does a job's round: id, number of the round."""


class Queue:
    """The side that puts jobs in.

    Args:
        url: of the database, with its driver.
    """

    def __init__(self, url: str) -> None:
        logging.getLogger("dbos").setLevel(logging.ERROR)
        DBOS.migrate(url)
        self._client = DBOSClient(system_database_url=url, application_name=NAME, serializer=JSON)
        self._client.register_queue(
            QUEUE, worker_concurrency=1, polling_interval_sec=POLLING, application_name=NAME
        )

    def put(self, connection: sa.Connection, job: str, round: int, priority: int) -> None:
        """Put a round of a job in, as part of a transaction; the lowest priority comes first."""
        self._client.enqueue_in_transaction(
            connection,
            {
                "workflow_name": WORKFLOW,
                "queue_name": QUEUE,
                "workflow_id": f"{job}-{round}",
                "app_version": VERSION,
                "priority": priority,
            },
            job,
            round,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.destroy()


class Runner:
    """The side that takes jobs out, one at a time; only one in a process.

    Args:
        url: of the database, with its driver.
        executor: this worker's name. What it had begun when it died, it begins again under the
            same name; two workers must never have the same.
        perform: does the job. It is called again after a death in the middle, so it must be able
            to go on from anywhere.
    """

    def __init__(self, url: str, executor: str, perform: Perform) -> None:
        config: DBOSConfig = {
            "name": NAME,
            "system_database_url": url,
            "application_version": VERSION,
            "executor_id": executor,
            "enable_otlp": False,
            "serializer": JSON,
            "log_level": "ERROR",
        }
        DBOS(config=config)

        @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)
        def work(job: str, round: int) -> None:
            perform(job, round)

    def start(self) -> None:
        """Begin to take jobs; what was left undone under this name comes first."""
        DBOS.launch()

    def recover(self, executors: list[str]) -> None:
        """Put back what others, who are dead, had begun."""
        DBOS._recover_pending_workflows(executors)

    def stop(self, seconds: int) -> None:
        """Take no more jobs, and wait so long for the one under way."""
        DBOS.destroy(workflow_completion_timeout_sec=seconds)
