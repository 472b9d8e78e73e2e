/* The least a server can do: readers over HTTP, and for each message one send() to each of them.

   Usage: epoll_loop plain|joined. Who asks by GET reads; the body of a POST is a message, answered by 201 on a
   connection that stays open. "joined" sends all that has arrived as one. The port is printed. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <errno.h>
#include <stdint.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST 65536
#define ROOM (1 << 22)
#define PIECE (1 << 16)

static const char HEAD[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
static const char CREATED[] = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n";
static int readers[MOST], count;
static char joined[ROOM];
static size_t waiting;

static void fail(const char *what) { perror(what); exit(1); }

static void watch(int queue, int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(queue, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll_ctl");
}

static void give(int fd, const char *data, size_t length) {
    while (length > 0) {
        ssize_t done = send(fd, data, length, MSG_NOSIGNAL);
        if (done < 0) {
            struct pollfd slow = {.fd = fd, .events = POLLOUT};
            if (errno != EAGAIN || poll(&slow, 1, 5000) != 1) return;
            continue;
        }
        data += done;
        length -= (size_t)done;
    }
}

static void give_all(const char *data, size_t length) {
    for (int place = 0; place < count; place++) give(readers[place], data, length);
}

static void drop(int fd) {
    for (int place = 0; place < count; place++)
        if (readers[place] == fd) readers[place] = readers[--count];
    close(fd);
}

/* What a connection has sent and is not whole yet. */
static struct { char *data; size_t held; } asked[MOST];

static void forget(int fd) {
    free(asked[fd].data);
    asked[fd].data = NULL;
    asked[fd].held = 0;
}

/* One request, if it is whole: its length, else 0. Its body is added to what is to be sent. */
static size_t take(int fd, const char *data, size_t held, int is_joined) {
    const char *end = memmem(data, held, "\r\n\r\n", 4);
    if (end == NULL) return 0;
    size_t head = (size_t)(end - data) + 4;
    if (strncmp(data, "POST ", 5) != 0) {
        give(fd, HEAD, sizeof HEAD - 1);
        if (count < MOST) readers[count++] = fd;
        return head;
    }
    const char *length = memmem(data, head, "Content-Length: ", 16);
    size_t size = length ? strtoul(length + 16, NULL, 10) : 0;
    if (held - head < size) return 0;
    if (!is_joined) {
        give_all(data + head, size);
    } else if (waiting + size <= ROOM) {
        memcpy(joined + waiting, data + head, size);
        waiting += size;
    }
    give(fd, CREATED, sizeof CREATED - 1);
    return head + size;
}

static void hear(int fd, int is_joined) {
    if (asked[fd].data == NULL && (asked[fd].data = malloc(PIECE)) == NULL) fail("malloc");
    ssize_t got = recv(fd, asked[fd].data + asked[fd].held, PIECE - asked[fd].held, 0);
    if (got <= 0) {
        forget(fd);
        drop(fd);
        return;
    }
    asked[fd].held += (size_t)got;
    size_t from = 0, done;
    while ((done = take(fd, asked[fd].data + from, asked[fd].held - from, is_joined)) > 0) from += done;
    asked[fd].held -= from;
    if (asked[fd].held == 0) forget(fd);
    else memmove(asked[fd].data, asked[fd].data + from, asked[fd].held);
}

int main(int arguments, char **argument) {
    int is_joined = arguments > 1 && strcmp(argument[1], "joined") == 0;
    int door = socket(AF_INET, SOCK_STREAM, 0), queue = epoll_create1(0);
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof own;
    if (bind(door, (struct sockaddr *)&own, size) < 0 || listen(door, 4096) < 0) fail("listen");
    getsockname(door, (struct sockaddr *)&own, &size);
    printf("%d\n", ntohs(own.sin_port));
    fflush(stdout);
    watch(queue, door);
    struct epoll_event events[512];
    for (;;) {
        int some = epoll_wait(queue, events, 512, -1);
        for (int place = 0; place < some; place++) {
            int fd = events[place].data.fd;
            if (fd != door) hear(fd, is_joined);
            else if ((fd = accept4(door, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                int one = 1;
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                watch(queue, fd);
            }
        }
        if (waiting > 0) {
            give_all(joined, waiting);
            waiting = 0;
        }
    }
}
