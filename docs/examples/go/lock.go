// Two sessions take turns by a lock, in one line with those of other languages: lock [HOST:PORT]
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"

	"example.org/paddock/clientv1"
	"google.golang.org/grpc"
)

const path = "/jobs/nightly"

// lock is a line of ephemeral sequential znodes: the lowest holds it, each other one watches the one before it.
type lock struct {
	*session
	path  string
	guard *clientv1.Guard
}

func (it *lock) transact(transaction *clientv1.Transaction) (*clientv1.Result, error) {
	kind := &clientv1.Operation_Transaction{Transaction: transaction}
	return it.ask(&clientv1.Operation{Kind: kind}, true)
}

func (it *lock) acquire() error {
	place := creation(&clientv1.CreateStep{
		Path: it.path + "/lock-",
		Mode: clientv1.CreateMode_CREATE_MODE_EPHEMERAL_SEQUENTIAL,
	})
	line := creation(&clientv1.CreateStep{
		Path:    it.path,
		Mode:    clientv1.CreateMode_CREATE_MODE_CONTAINER,
		Parents: true,
	})
	done, err := it.transact(&clientv1.Transaction{
		Compare: []*clientv1.Comparison{{
			Path:     it.path,
			Relation: clientv1.Relation_RELATION_EQUAL,
			Target:   &clientv1.Comparison_Exists{Exists: false},
		}},
		Then:      []*clientv1.TransactionStep{line, place},
		Otherwise: []*clientv1.TransactionStep{place},
	})
	if err != nil {
		return err
	}
	results := done.GetTransaction().Results
	created := results[len(results)-1].GetCreate()
	it.guard = &clientv1.Guard{
		Path:         created.Path,
		CzxidEpoch:   created.Stat.CzxidEpoch,
		CzxidCounter: created.Stat.CzxidCounter,
	}
	for {
		before, err := it.before()
		if err != nil || before == "" {
			return err
		}
		// One request asks and watches, so that nothing comes in between.
		told := it.watch(before)
		read := &clientv1.Operation_Exists{Exists: &clientv1.Read{Path: before, Watch: true}}
		_, err = it.ask(&clientv1.Operation{Kind: read}, false)
		var no refused
		if errors.As(err, &no) && no.Code == clientv1.ErrorCode_ERROR_CODE_NO_NODE {
			continue
		}
		if err != nil {
			return err
		}
		select {
		case <-told:
		case <-it.over:
			return errOver
		}
	}
}

// set is refused once the lock is lost, however late it arrives.
func (it *lock) set(path string, data string) error {
	step := &clientv1.SetDataStep{Path: path, Data: []byte(data), Upsert: true}
	_, err := it.transact(&clientv1.Transaction{
		Guard: it.guard,
		Then:  []*clientv1.TransactionStep{{Kind: &clientv1.TransactionStep_SetData{SetData: step}}},
	})
	return err
}

func (it *lock) release() error {
	kind := &clientv1.Operation_Delete{Delete: &clientv1.Delete{Path: it.guard.Path}}
	_, err := it.ask(&clientv1.Operation{Kind: kind}, true)
	return err
}

// before is the one before it in line; empty where it is the first.
func (it *lock) before() (string, error) {
	kind := &clientv1.Operation_GetChildren{GetChildren: &clientv1.Read{Path: it.path}}
	listed, err := it.ask(&clientv1.Operation{Kind: kind}, false)
	if err != nil {
		return "", err
	}
	line := listed.GetGetChildren().Children
	sort.Slice(line, func(i, j int) bool { return number(line[i]) < number(line[j]) })
	before := ""
	for _, name := range line {
		if it.path+"/"+name == it.guard.Path {
			return before, nil
		}
		before = it.path + "/" + name
	}
	return "", errors.New("the place in line was removed")
}

func number(name string) uint64 {
	number, _ := strconv.ParseUint(name[strings.LastIndex(name, "-")+1:], 10, 64)
	return number
}

func creation(step *clientv1.CreateStep) *clientv1.TransactionStep {
	return &clientv1.TransactionStep{Kind: &clientv1.TransactionStep_Create{Create: step}}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	server := "127.0.0.1:2191"
	if len(os.Args) > 1 {
		server = os.Args[1]
	}
	connection, err := grpc.Dial(server, grpc.WithInsecure())
	must(err)
	defer connection.Close()
	var locks [2]*lock
	for i := range locks {
		opened, err := open(context.Background(), connection, 10*time.Second)
		must(err)
		locks[i] = &lock{session: opened, path: path}
	}
	first, second := locks[0], locks[1]
	must(first.acquire())
	fmt.Println("the first holds the lock")
	granted := make(chan error)
	go func() { granted <- second.acquire() }()
	must(first.set("/last", "first"))
	must(first.release())
	must(<-granted)
	fmt.Println("the second holds the lock")
	must(second.set("/last", "second"))
	var no refused
	if errors.As(first.set("/last", "late"), &no) {
		fmt.Println("the first is refused:", no.Code)
	}
	read := &clientv1.Operation_GetData{GetData: &clientv1.Read{Path: "/last"}}
	last, err := second.ask(&clientv1.Operation{Kind: read}, false)
	must(err)
	fmt.Println("last:", string(last.GetGetData().Data))
	must(first.close())
	must(second.close())
}
