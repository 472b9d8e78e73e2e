/* The least a server can do: readers over HTTP, and for each message one send() to each of them.

   Usage: epoll_loop plain|joined. Messages come on standard input, each with its length before it (four
   bytes, network order). "joined" sends all that has arrived as one. The port is printed. */
#define _GNU_SOURCE
#include <arpa/inet.h>
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

static const char HEAD[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
static int readers[MOST], count;
static char taken[ROOM], joined[ROOM];

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

/* Take whole messages off standard input; nothing is left of it at its end. */
static void take_messages(int is_joined) {
    static size_t held;
    ssize_t got = read(0, taken + held, ROOM - held);
    if (got <= 0) exit(0);
    held += (size_t)got;
    size_t from = 0, length = 0;
    while (held - from >= 4) {
        uint32_t size;
        memcpy(&size, taken + from, 4);
        size = ntohl(size);
        if (held - from - 4 < size) break;
        if (is_joined) {
            memcpy(joined + length, taken + from + 4, size);
            length += size;
        } else {
            give_all(taken + from + 4, size);
        }
        from += 4 + size;
    }
    if (length > 0) give_all(joined, length);
    memmove(taken, taken + from, held - from);
    held -= from;
}

static void hear(int fd) {
    char asked[8192];
    ssize_t got = recv(fd, asked, sizeof asked, 0);
    if (got <= 0) {
        drop(fd);
    } else if (count < MOST) {
        give(fd, HEAD, sizeof HEAD - 1);
        readers[count++] = fd;
    }
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
    watch(queue, 0);
    struct epoll_event events[512];
    for (;;) {
        int some = epoll_wait(queue, events, 512, -1);
        for (int place = 0; place < some; place++) {
            int fd = events[place].data.fd;
            if (fd == 0) take_messages(is_joined);
            else if (fd != door) hear(fd);
            else if ((fd = accept4(door, NULL, NULL, SOCK_NONBLOCK)) >= 0) watch(queue, fd);
        }
    }
}
