"""Two sessions take turns by a lock, in one line with those of other languages: python lock.py [HOST:PORT]"""

import sys
import threading

import grpc
from paddock.client.v1 import error_pb2, transaction_pb2, znode_pb2
from paddock.client.v1 import session_pb2 as wire
from session import Refused, Session

PATH = "/jobs/nightly"
STEP = transaction_pb2.TransactionStep
CREATE = transaction_pb2.CreateStep


class Lock:
    """Ephemeral sequential znodes below a path: the lowest holds it, each other one watches the one before it."""

    def __init__(self, session, path):
        self.session = session
        self.path = path

    def acquire(self):
        place = STEP(create=CREATE(path=f"{self.path}/lock-", mode="CREATE_MODE_EPHEMERAL_SEQUENTIAL"))
        line = STEP(create=CREATE(path=self.path, mode="CREATE_MODE_CONTAINER", parents=True))
        absent = transaction_pb2.Comparison(path=self.path, relation="RELATION_EQUAL", exists=False)
        done = self.session.ask(
            transaction=transaction_pb2.Transaction(compare=[absent], then=[line, place], otherwise=[place])
        )
        created = done.transaction.results[-1].create
        self.name = created.path.rsplit("/", 1)[1]
        stat = created.stat
        self.guard = transaction_pb2.Guard(
            path=created.path, czxid_epoch=stat.czxid_epoch, czxid_counter=stat.czxid_counter
        )
        while before := self._before():
            # One request asks and watches, so that nothing comes in between.
            try:
                self.session.ask(exists=wire.Read(path=before, watch=True))
            except Refused as refused:
                if refused.code != error_pb2.ERROR_CODE_NO_NODE:
                    raise
            else:
                self.session.until_told(before)

    def set(self, path, data):
        """A write that is refused once the lock is lost, however late it arrives."""
        step = STEP(set_data=transaction_pb2.SetDataStep(path=path, data=data, upsert=True))
        self.session.ask(transaction=transaction_pb2.Transaction(guard=self.guard, then=[step]))

    def release(self):
        self.session.ask(delete=wire.Delete(path=self.guard.path))

    def _before(self):
        names = self.session.ask(get_children=wire.Read(path=self.path)).get_children.children
        line = sorted((it for it in names if "lock-" in it), key=lambda it: int(it.rsplit("-", 1)[1]))
        place = line.index(self.name)
        return f"{self.path}/{line[place - 1]}" if place > 0 else None


server = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:2191"
with grpc.insecure_channel(server) as channel:
    first, second = Lock(Session(channel), PATH), Lock(Session(channel), PATH)
    first.acquire()
    print("the first holds the lock")
    waiting = threading.Thread(target=second.acquire)
    waiting.start()
    first.set("/last", b"first")
    first.release()
    waiting.join()
    print("the second holds the lock")
    second.set("/last", b"second")
    try:
        first.set("/last", b"late")
    except Refused as refused:
        print("the first is refused:", error_pb2.ErrorCode.Name(refused.code))
    print("last:", second.session.ask(get_data=wire.Read(path="/last")).get_data.data.decode())
    first.session.close()
    second.session.close()
