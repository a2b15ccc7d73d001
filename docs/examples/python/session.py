"""A session by hand: what is asked is answered in order, watches tell, and signs of life keep it open."""

import queue
import threading
from collections import deque
from concurrent.futures import Future

from paddock.client.v1 import session_pb2 as wire
from paddock.client.v1 import session_pb2_grpc

WRITES = {"create", "set_data", "delete", "transaction", "set_acl", "set_quota", "close_session"}


class Refused(Exception):
    """The service has said no; `code` is an ErrorCode."""

    def __init__(self, failed):
        super().__init__(failed.reason)
        self.code = failed.code


class SessionOver(Exception):
    """The session has ended, or its connection has."""


class Session:
    """One connection of one session. A client that is to outlive its connection sends Resume on the next one."""

    def __init__(self, channel, timeout_ms=10_000):
        self._requests = queue.Queue()
        self._pending = deque()
        self._order = threading.Lock()
        self._writes = 0
        self._acknowledged = 0
        self._events = threading.Condition()
        self._told = []
        self._opened = Future()
        self._over = threading.Event()
        self._send(open=wire.Open(timeout_ms=timeout_ms))
        answers = session_pb2_grpc.SessionServiceStub(channel).Session(iter(self._requests.get, None))
        threading.Thread(target=self._read, args=[answers], daemon=True).start()
        opened = self._opened.result()
        self.id = opened.session
        threading.Thread(target=self._beat, args=[opened.timeout_ms / 3000], daemon=True).start()

    def ask(self, **operation):
        """Asks for one operation, named as in Operation, and waits for its result."""
        [(name, _)] = operation.items()
        answered = Future()
        with self._order:
            is_write = name in WRITES
            self._writes += is_write
            self._pending.append((answered, is_write))
            operations = [wire.Operation(**operation)]
            self._send(
                operations=wire.Operations(
                    first_sequence=max(self._writes, 1),
                    acked_through=self._acknowledged,
                    operations=operations,
                )
            )
        result = answered.result()
        if result.WhichOneof("kind") == "failed":
            raise Refused(result.failed)
        return result

    def until_told(self, path):
        """Waits for an event of a watch of this path."""
        with self._events:
            self._events.wait_for(lambda: path in self._told or self._over.is_set())
            if self._over.is_set():
                raise SessionOver()
            self._told.remove(path)

    def close(self):
        """Ends the session, and with it its ephemeral znodes."""
        self.ask(close_session=wire.CloseSession())
        self._requests.put(None)

    def _send(self, **message):
        self._requests.put(wire.SessionRequest(messages=[wire.ClientMessage(**message)]))

    def _beat(self, period):
        number = 0
        while not self._over.wait(period):
            number += 1
            self._send(heartbeat=wire.Heartbeat(number=number))

    def _read(self, answers):
        error = SessionOver()
        try:
            for answer in answers:
                for message in answer.messages:
                    self._take(message)
        except Exception as broken:  # the stream's own: grpc.RpcError
            error = broken
        self._over.set()
        with self._events:
            self._events.notify_all()
        if not self._opened.done():
            self._opened.set_exception(error)
        while self._pending:
            self._pending.popleft()[0].set_exception(error)

    def _take(self, message):
        kind = message.WhichOneof("kind")
        if kind == "opened":
            self._opened.set_result(message.opened)
        elif kind == "results":
            for result in message.results.results:
                answered, is_write = self._pending.popleft()
                self._acknowledged += is_write
                answered.set_result(result)
        elif kind == "event":
            with self._events:
                self._told.append(message.event.path)
                self._events.notify_all()
        elif kind == "ended":
            self._over.set()
