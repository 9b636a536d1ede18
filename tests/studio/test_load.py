"""Two hundred clients at once: nothing is lost, nothing is done twice."""

import random
import threading

import httpx
import pytest

CLIENTS, THREADS = 200, 200


@pytest.mark.slow
def test_200_clients_lose_nothing(serving, picture):
    with serving(queue=500, jobs_per_client=500) as served:
        faults, made = [], {}
        pair = {"content": served.uploaded(1), "styles": [served.uploaded(2)]}
        together = threading.Barrier(THREADS)

        def one(number: int) -> None:
            chance = random.Random(number)
            try:
                together.wait()
                with httpx.Client(
                    base_url=f"{served.url}/api/v1", trust_env=False, timeout=250
                ) as http:
                    data = picture(1000 + number)
                    upload = http.post("/uploads", content=data).raise_for_status().json()
                    body = {**pair, "content": upload["id"], "title": str(number)}
                    head = {"Idempotency-Key": str(number)}
                    ids = {
                        http.post("/jobs", json=body, headers=head).raise_for_status().json()["id"]
                        for _ in range(chance.choice((1, 1, 2)))
                    }
                    (id,) = ids
                    for _ in range(3):
                        assert http.get(f"/jobs/{id}").raise_for_status().json()["title"] == (
                            str(number)
                        )
                    cancelled = chance.random() < 0.5
                    if cancelled:
                        http.post(f"/jobs/{id}/cancel").raise_for_status()
                    assert http.get(f"/uploads/{upload['id']}/picture").content == data
                    made[number] = (id, "cancelled" if cancelled else "queued")
            except Exception as error:
                faults.append((number, repr(error)))

        threads = [threading.Thread(target=one, args=(n,)) for n in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(280)
        assert faults == []
        found, before = {}, None
        while True:
            page = served.jobs.jobs(limit=200, before=before)
            found |= {int(job.title): (job.id, str(job.status)) for job in page.items}
            before = page.before
            if before is None:
                break
        assert found == made
        assert page.total == CLIENTS
        assert len(served.jobs.uploads()) == CLIENTS + 2
        incoming = [path for path in served.jobs.home.incoming.rglob("*") if path.is_file()]
        assert all(path.suffix == ".lock" for path in incoming)
