package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
)

// conn is one kept connection of the load generator. It writes requests and reads answers
// with as little work as it can, since client, server and database share the cores: a client
// that costs as much as the server would measure itself.
type conn struct {
	nc  net.Conn
	r   *bufio.Reader
	buf []byte
	// head is everything of a request up to the value of the idempotency key.
	head []byte
}

// dial opens a connection that posts to a path with an API key.
func dial(ctx context.Context, addr, path, key string) (*conn, error) {
	var d net.Dialer
	nc, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &conn{nc: nc, r: bufio.NewReaderSize(nc, 8<<10), head: []byte("POST " + path +
		" HTTP/1.1\r\nHost: " + addr + "\r\nAuthorization: Bearer " + key +
		"\r\nContent-Type: application/json\r\nIdempotency-Key: ")}, nil
}

// post sends a body and returns the status and the answer's body, which is valid until the
// next call.
func (c *conn) post(id string, body []byte) (int, []byte, error) {
	b := append(c.buf[:0], c.head...)
	b = append(b, id...)
	b = append(b, "\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(len(body)), 10)
	b = append(b, "\r\n\r\n"...)
	b = append(b, body...)
	c.buf = b
	if _, err := c.nc.Write(b); err != nil {
		return 0, nil, err
	}
	return c.read()
}

// read reads one answer with a Content-Length.
func (c *conn) read() (int, []byte, error) {
	line, err := c.r.ReadSlice('\n')
	if err != nil {
		return 0, nil, err
	}
	if len(line) < 12 {
		return 0, nil, fmt.Errorf("status line %q", line)
	}
	status, err := strconv.Atoi(string(line[9:12]))
	if err != nil {
		return 0, nil, fmt.Errorf("status line %q", line)
	}
	length := -1
	for {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return 0, nil, err
		}
		if len(line) <= 2 {
			break
		}
		const name = "content-length:"
		if len(line) > len(name) && strings.EqualFold(string(line[:len(name)]), name) {
			length, err = strconv.Atoi(strings.TrimSpace(string(line[len(name):])))
			if err != nil {
				return 0, nil, fmt.Errorf("content length %q", line)
			}
		}
	}
	if length < 0 {
		return 0, nil, errors.New("the answer has no Content-Length")
	}
	if cap(c.buf) < length {
		c.buf = make([]byte, length)
	}
	body := c.buf[:length]
	_, err = io.ReadFull(c.r, body)
	return status, body, err
}
