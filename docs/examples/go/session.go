package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"example.org/paddock/clientv1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
)

var errOver = errors.New("the session or its connection is over")

// refused is what the service has said no to.
type refused struct{ *clientv1.Failed }

func (it refused) Error() string { return it.GetCode().String() + ": " + it.GetReason() }

// messages are those that protoc-gen-go makes; releases of gRPC before 1.65 have another codec by default.
type messages struct{}

func (messages) Name() string                           { return "proto" }
func (messages) Marshal(it interface{}) ([]byte, error) { return proto.Marshal(it.(proto.Message)) }
func (messages) Unmarshal(data []byte, it interface{}) error {
	return proto.Unmarshal(data, it.(proto.Message))
}

type answer struct {
	result *clientv1.Result
	err    error
}

type pending struct {
	answered chan answer
	isWrite  bool
}

// session is one connection of one session: what is asked is answered in order, watches tell, and signs of life keep
// it open. A client that is to outlive its connection sends a Resume on the next one.
type session struct {
	stream       grpc.ClientStream
	order        sync.Mutex
	pending      []pending
	writes       uint64
	acknowledged uint64
	watched      map[string]chan struct{}
	opened       chan *clientv1.Opened
	over         chan struct{}
}

func open(ctx context.Context, connection *grpc.ClientConn, timeout time.Duration) (*session, error) {
	description := &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}
	method := "/paddock.client.v1.SessionService/Session"
	stream, err := connection.NewStream(ctx, description, method, grpc.ForceCodec(messages{}))
	if err != nil {
		return nil, err
	}
	it := &session{
		stream:  stream,
		watched: map[string]chan struct{}{},
		opened:  make(chan *clientv1.Opened, 1),
		over:    make(chan struct{}),
	}
	wish := &clientv1.Open{TimeoutMs: uint32(timeout.Milliseconds())}
	if err := it.send(&clientv1.ClientMessage{Kind: &clientv1.ClientMessage_Open{Open: wish}}); err != nil {
		return nil, err
	}
	go it.read()
	select {
	case granted := <-it.opened:
		go it.beat(time.Duration(granted.TimeoutMs) * time.Millisecond / 3)
		return it, nil
	case <-it.over:
		return nil, errOver
	}
}

// ask asks for one operation, and waits for its result.
func (it *session) ask(operation *clientv1.Operation, isWrite bool) (*clientv1.Result, error) {
	answered := make(chan answer, 1)
	it.order.Lock()
	if isWrite {
		it.writes++
	}
	first := it.writes
	if first == 0 {
		first = 1
	}
	it.pending = append(it.pending, pending{answered, isWrite})
	err := it.sendLocked(&clientv1.ClientMessage{Kind: &clientv1.ClientMessage_Operations{
		Operations: &clientv1.Operations{
			FirstSequence: first,
			AckedThrough:  it.acknowledged,
			Operations:    []*clientv1.Operation{operation},
		},
	}})
	it.order.Unlock()
	if err != nil {
		return nil, err
	}
	select {
	case got := <-answered:
		return got.result, got.err
	case <-it.over:
		return nil, errOver
	}
}

// watch gives what is closed at the next event of this path; it is called before the read that sets the watch.
func (it *session) watch(path string) <-chan struct{} {
	it.order.Lock()
	defer it.order.Unlock()
	if it.watched[path] == nil {
		it.watched[path] = make(chan struct{})
	}
	return it.watched[path]
}

// close ends the session, and with it its ephemeral znodes.
func (it *session) close() error {
	end := &clientv1.Operation_CloseSession{CloseSession: &clientv1.CloseSession{}}
	_, err := it.ask(&clientv1.Operation{Kind: end}, true)
	return err
}

func (it *session) send(message *clientv1.ClientMessage) error {
	it.order.Lock()
	defer it.order.Unlock()
	return it.sendLocked(message)
}

func (it *session) sendLocked(message *clientv1.ClientMessage) error {
	return it.stream.SendMsg(&clientv1.SessionRequest{Messages: []*clientv1.ClientMessage{message}})
}

func (it *session) beat(period time.Duration) {
	for number := uint64(1); ; number++ {
		select {
		case <-it.over:
			return
		case <-time.After(period):
			sign := &clientv1.ClientMessage_Heartbeat{Heartbeat: &clientv1.Heartbeat{Number: number}}
			_ = it.send(&clientv1.ClientMessage{Kind: sign})
		}
	}
}

func (it *session) read() {
	defer close(it.over)
	for {
		var response clientv1.SessionResponse
		if it.stream.RecvMsg(&response) != nil {
			return
		}
		for _, message := range response.Messages {
			it.take(message)
		}
	}
}

func (it *session) take(message *clientv1.ServerMessage) {
	it.order.Lock()
	defer it.order.Unlock()
	switch kind := message.Kind.(type) {
	case *clientv1.ServerMessage_Opened:
		it.opened <- kind.Opened
	case *clientv1.ServerMessage_Results:
		for _, result := range kind.Results.Results {
			next := it.pending[0]
			it.pending = it.pending[1:]
			if next.isWrite {
				it.acknowledged++
			}
			if failed := result.GetFailed(); failed != nil {
				next.answered <- answer{nil, refused{failed}}
			} else {
				next.answered <- answer{result, nil}
			}
		}
	case *clientv1.ServerMessage_Event:
		if told := it.watched[kind.Event.Path]; told != nil {
			close(told)
			delete(it.watched, kind.Event.Path)
		}
	}
}
