"""What is no HTTP is answered with the one body of all failures, too.

Such requests do not reach the application. uvicorn answers them in plain text; its option ``http`` takes another
protocol.
"""

from __future__ import annotations

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from api.http.problems import SECURE, Problem, answer


class OneBody(H11Protocol):
    """HTTP as uvicorn speaks it, but for its words about what is none."""

    def send_400_response(self, msg: str) -> None:
        """Answer bytes that are no request, and end the connection."""
        problem = Problem("bad_request", msg, headers={**SECURE, "Connection": "close"})
        response = answer(problem, "")
        head = h11.Response(status_code=response.status_code, headers=response.raw_headers, reason=b"Bad Request")
        for event in (head, h11.Data(data=bytes(response.body)), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
