/* Many readers of one event stream, as lean as they can be, so that what is measured is the server.
 *
 *   sse_sink PORT PATH CONNECTIONS [HEADER...]
 *
 * Opens the connections, a few at a time; each counts as open when the body of its answer has begun. Then prints {"open": N} and
 * follows standard input: `count EVENTS SECONDS FILE` answers {"counting": EVENTS} and, when that many events have reached every
 * connection or the time is over, prints what it saw. FILE then holds two 64-bit numbers for each event that arrived: its stamp, and
 * the moment of its arrival; `-` is no file. The end of the input ends it.
 *
 * An event is a line that starts with "data:" and has "t": in it, the Unix time in nanoseconds at which it was given to the server.
 * Lines that a read cuts in two are put together; chunk sizes of HTTP/1.1 are lines of their own and so do no harm.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { OPENING_AT_ONCE = 100, LINE_MAX_BYTES = 2048, READ_BYTES = 1 << 18, SIGHTINGS_MAX = 1 << 23, PER_SOURCE = 20000, WAITING = 512 };

typedef struct {
    int fd;
    int has_headers; /* the blank line after them was seen */
    int is_open;
    size_t kept; /* bytes of a line that has not ended yet */
    char line[LINE_MAX_BYTES + 1];
} reader;

typedef struct {
    int64_t given, arrived;
} sighting;

static struct {
    int port, connections, started, open, closed, epoll;
    const char *request;
    size_t request_bytes;
    reader *readers;
    long expected, total; /* expected: over all readers; 0 while nothing is counted */
    int64_t first, last, deadline;
    sighting *sightings;
    long seen;
    char file[256];
} sink;

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void watch(int fd, uint32_t number) {
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = number};
    if (epoll_ctl(sink.epoll, EPOLL_CTL_ADD, fd, &event)) fail("epoll_ctl");
}

/* A source address for every 20,000 connections, so that ports do not run out. */
static void open_one(void) {
    int number = sink.started++, one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + number / PER_SOURCE)};
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(sink.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd < 0) fail("socket");
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    if (bind(fd, (void *)&from, sizeof from)) fail("bind");
    if (connect(fd, (void *)&to, sizeof to)) fail("connect");
    if (write(fd, sink.request, sink.request_bytes) != (ssize_t)sink.request_bytes) fail("write");
    sink.readers[number].fd = fd;
    watch(fd, number);
}

static void take_line(reader *r, const char *line, size_t length, int64_t arrived) {
    if (!r->has_headers) {
        r->has_headers = length <= 1;
        return;
    }
    if (!r->is_open) {
        r->is_open = 1;
        sink.open++;
    }
    if (!sink.expected || length < 5 || memcmp(line, "data:", 5)) return;
    const char *stamp = memmem(line, length, "\"t\":", 4);
    if (!stamp) return;
    if (!sink.first) sink.first = arrived;
    sink.last = arrived;
    sink.total++;
    if (sink.seen < SIGHTINGS_MAX) sink.sightings[sink.seen++] = (sighting){strtoll(stamp + 4, NULL, 10), arrived};
}

static void take_bytes(reader *r, const char *bytes, size_t length, int64_t arrived) {
    const char *end;
    while ((end = memchr(bytes, '\n', length))) {
        size_t part = end - bytes;
        if (r->kept) {
            size_t room = LINE_MAX_BYTES - r->kept, more = part < room ? part : room;
            memcpy(r->line + r->kept, bytes, more);
            take_line(r, r->line, r->kept + more, arrived);
            r->kept = 0;
        } else {
            take_line(r, bytes, part, arrived);
        }
        bytes = end + 1;
        length -= part + 1;
    }
    size_t room = LINE_MAX_BYTES - r->kept, more = length < room ? length : room;
    memcpy(r->line + r->kept, bytes, more);
    r->kept += more;
}

static void hear(reader *r) {
    static char bytes[READ_BYTES + 1];
    ssize_t length = read(r->fd, bytes, READ_BYTES);
    if (length > 0) {
        bytes[length] = 0;
        take_bytes(r, bytes, length, now_ns());
    } else if (length == 0 || errno != EAGAIN) {
        close(r->fd);
        sink.closed++;
    }
}

static void write_sightings(void) {
    FILE *file = fopen(sink.file, "wb");
    if (!file || fwrite(sink.sightings, sizeof *sink.sightings, sink.seen, file) != (size_t)sink.seen || fclose(file)) fail("write");
}

static void report(void) {
    if (strcmp(sink.file, "-")) write_sightings();
    printf("{\"events\": %ld, \"expected\": %ld, \"closed\": %d, \"span_s\": %.6f}\n", sink.total, sink.expected, sink.closed,
           (sink.last - sink.first) / 1e9);
    fflush(stdout);
    sink.expected = 0;
}

/* One command a line; the other side waits for each answer, so no line arrives in parts. */
static int obey(void) {
    char line[512];
    long events;
    double seconds;
    ssize_t length = read(STDIN_FILENO, line, sizeof line - 1);
    if (length <= 0) return 0;
    line[length] = 0;
    if (sscanf(line, "count %ld %lf %255s", &events, &seconds, sink.file) != 3) return 0;
    sink.expected = events * sink.connections;
    sink.total = sink.seen = 0;
    sink.first = sink.last = 0;
    sink.deadline = now_ns() + (int64_t)(seconds * 1e9);
    printf("{\"counting\": %ld}\n", events);
    fflush(stdout);
    return 1;
}

static void follow(void) {
    struct epoll_event ready[WAITING];
    int told = 0;
    for (;;) {
        while (sink.started < sink.connections && sink.started - sink.open < OPENING_AT_ONCE) open_one();
        if (!told && sink.open == sink.connections) told = printf("{\"open\": %d}\n", sink.open) && !fflush(stdout);
        int count = epoll_wait(sink.epoll, ready, WAITING, 100);
        for (int i = 0; i < count; i++) {
            if (ready[i].data.u32 < (uint32_t)sink.connections) hear(&sink.readers[ready[i].data.u32]);
            else if (!obey()) return;
        }
        if (sink.expected && (sink.total >= sink.expected || now_ns() > sink.deadline)) report();
    }
}

int main(int argc, char **argv) {
    if (argc < 4) return fputs("usage: sse_sink PORT PATH CONNECTIONS [HEADER...]\n", stderr), 2;
    static char request[4096];
    size_t length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n", argv[2]);
    for (int i = 4; i < argc; i++) length += snprintf(request + length, sizeof request - length, "%s\r\n", argv[i]);
    length += snprintf(request + length, sizeof request - length, "\r\n");
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    sink.port = atoi(argv[1]);
    sink.connections = atoi(argv[3]);
    sink.request = request;
    sink.request_bytes = length;
    sink.readers = calloc(sink.connections, sizeof *sink.readers);
    sink.sightings = malloc(SIGHTINGS_MAX * sizeof *sink.sightings);
    sink.epoll = epoll_create1(0);
    if (!sink.readers || !sink.sightings || sink.epoll < 0) fail("start");
    watch(STDIN_FILENO, sink.connections);
    follow();
    return 0;
}
