// What the machine itself can do, so that psup is held against it and not only against other programs.
//
//   floor drain FILE         cat FILE in a fresh 80x24 terminal, read in a bare loop: prints the seconds it took,
//                            and the processor's seconds of both
//   floor echo SOCKET        answers each connection's bytes with the same bytes
//   floor ask SOCKET         connects, sends 27 bytes, reads as many: a whole command around one bare round trip
//   floor mark FIFO FILE     for each byte of FIFO: the time (CLOCK_MONOTONIC, ns) into FILE, then a line onto stdout
//   floor lines BYTES MS     every MS milliseconds, about BYTES of lines onto stdout, without end
#define _GNU_SOURCE
#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static double processor(int whose) {
  struct rusage used;
  getrusage(whose, &used);
  return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static int fail(const char *what) {
  perror(what);
  return 1;
}

static int drain(char *file) {
  static char buffer[64 << 10];
  struct winsize size = {.ws_row = 24, .ws_col = 80};
  int master;
  long long begun = now();
  pid_t pid = forkpty(&master, 0, 0, &size);
  if (pid < 0) return fail("forkpty");
  if (pid == 0) {
    execlp("cat", "cat", file, (char *)0);
    _exit(127);
  }
  while (read(master, buffer, sizeof buffer) > 0) {
  }
  waitpid(pid, 0, 0);
  double took = (now() - begun) / 1e9;
  printf("%f %f\n", took, processor(RUSAGE_SELF) + processor(RUSAGE_CHILDREN));
  return 0;
}

static int at(const char *path, struct sockaddr_un *address) {
  address->sun_family = AF_UNIX;
  strncpy(address->sun_path, path, sizeof address->sun_path - 1);
  return socket(AF_UNIX, SOCK_STREAM, 0);
}

static int echo(const char *path) {
  struct sockaddr_un address = {0};
  int listener = at(path, &address);
  if (bind(listener, (void *)&address, sizeof address) || listen(listener, 16)) return fail(path);
  for (;;) {
    char buffer[64];
    int client = accept(listener, 0, 0);
    ssize_t n;
    while ((n = read(client, buffer, sizeof buffer)) > 0 && write(client, buffer, n) == n) {
    }
    close(client);
  }
}

static int ask(const char *path) {
  struct sockaddr_un address = {0};
  int stream = at(path, &address);
  char buffer[27] = {0};
  if (connect(stream, (void *)&address, sizeof address)) return fail(path);
  return write(stream, buffer, sizeof buffer) != sizeof buffer || read(stream, buffer, sizeof buffer) != sizeof buffer;
}

static int mark(const char *fifo, const char *file) {
  // Open for writing too, so that the end of one writer is not the end.
  int from = open(fifo, O_RDWR), to = open(file, O_RDWR | O_CREAT | O_TRUNC, 0600);
  char byte;
  for (unsigned n = 1; read(from, &byte, 1) == 1; n++) {
    char line[32];
    int length = snprintf(line, sizeof line, "mark %u\n", n);
    long long time = now();
    if (pwrite(to, &time, sizeof time, 0) != sizeof time || write(1, line, length) != length) return 1;
  }
  return 0;
}

static int lines(size_t bytes, long every_ms) {
  static char line[] = "line of ordinary output, about as long as such lines are wont to be\n";
  size_t times = bytes / (sizeof line - 1);
  size_t length = (times ? times : 1) * (sizeof line - 1);
  char *all = malloc(length);
  for (size_t i = 0; all && i < length; i++) all[i] = line[i % (sizeof line - 1)];
  long long next = now();
  for (;;) {
    if (!all || write(1, all, length) < 0) return 1;
    next += every_ms * 1000000LL;
    struct timespec until = {next / 1000000000LL, next % 1000000000LL};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, 0);
  }
}

int main(int argc, char **argv) {
  const char *verb = argc > 2 ? argv[1] : "";
  if (!strcmp(verb, "drain")) return drain(argv[2]);
  if (!strcmp(verb, "echo")) return echo(argv[2]);
  if (!strcmp(verb, "ask")) return ask(argv[2]);
  if (!strcmp(verb, "mark") && argc > 3) return mark(argv[2], argv[3]);
  if (!strcmp(verb, "lines") && argc > 3) return lines(atol(argv[2]), atol(argv[3]));
  fputs("floor drain|echo|ask|mark|lines\n", stderr);
  return 2;
}
