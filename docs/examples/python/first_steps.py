"""Creates, reads, changes and watches a znode: python first_steps.py [HOST:PORT]"""

import sys

import grpc
from paddock.client.v1 import znode_pb2, znodes_pb2, znodes_pb2_grpc

server = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:2191"
with grpc.insecure_channel(server) as channel:
    znodes = znodes_pb2_grpc.ZnodeServiceStub(channel)
    try:
        created = znodes.Create(znodes_pb2.CreateRequest(path="/greeting", data=b"hello"))
        print("created", created.path)
    except grpc.RpcError as error:
        if error.code() != grpc.StatusCode.ALREADY_EXISTS:
            raise

    # The first message says that the watch is set: nothing behind it is missed.
    watch = znodes.Watch(znodes_pb2.WatchRequest(path="/greeting"))
    print("watching behind counter", next(watch).opened.zxid_counter)

    read = znodes.Get(znodes_pb2.GetRequest(path="/greeting"))
    print("read", read.data, "at version", read.stat.version)
    new = znodes_pb2.SetRequest(path="/greeting", data=b"hello again", version=read.stat.version)
    print("set, now at version", znodes.Set(new).stat.version)

    event = next(watch).event
    print("event", znode_pb2.EventKind.Name(event.kind), event.path)
    watch.cancel()
