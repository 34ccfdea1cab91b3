/* What the operating system has on its books about a process: the same sources that bench/ActorChat.Delivery reads for a node. */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>

static inline void fail(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

static inline double seconds(clockid_t clock) {
  struct timespec time;
  if (clock_gettime(clock, &time) != 0) fail("clock_gettime failed");
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Processor time of all threads, user and system. */
static inline double cpu_seconds(pid_t process) {
  clockid_t clock;
  if (clock_getcpuclockid(process, &clock) != 0) fail("the processor time of a process cannot be read");
  return seconds(clock);
}

/* Context switches of all threads that are there, of all kinds. */
static inline long switches(pid_t process) {
  char path[64], line[128];
  snprintf(path, sizeof path, "/proc/%d/task", (int)process);
  DIR *threads = opendir(path);
  if (!threads) fail("a process is gone");
  long sum = 0;
  for (struct dirent *thread; (thread = readdir(threads));) {
    char file[512];
    snprintf(file, sizeof file, "%s/%s/status", path, thread->d_name);
    FILE *status = thread->d_name[0] == '.' ? NULL : fopen(file, "r");
    if (!status) continue;
    while (fgets(line, sizeof line, status)) {
      char *figure = strstr(line, "voluntary_ctxt_switches:"); /* "nonvoluntary" too */
      if (figure) sum += atol(figure + strlen("voluntary_ctxt_switches:"));
    }
    fclose(status);
  }
  closedir(threads);
  return sum;
}

typedef struct {
  pid_t client, server;
  double elapsed, client_cpu, server_cpu;
  long client_switches, server_switches;
} Account;

static inline Account begin_account(pid_t client, pid_t server) {
  Account a = {client, server, seconds(CLOCK_MONOTONIC), cpu_seconds(client), cpu_seconds(server), switches(client), switches(server)};
  return a;
}

/* Prints the costs of each delivery as one JSON object. */
static inline void print_account(Account before, long deliveries, const char *protocol) {
  Account now = begin_account(before.client, before.server);
  double client = 1e3 * (now.client_cpu - before.client_cpu) / (double)deliveries, server = 1e3 * (now.server_cpu - before.server_cpu) / (double)deliveries;
  printf("{\"deliveries\": %ld, \"seconds\": %.4f, \"cpu_ms\": %.4f, \"client_cpu_ms\": %.4f, \"server_cpu_ms\": %.4f, "
         "\"client_switches\": %.2f, \"server_switches\": %.2f, \"protocol\": \"%s\"}\n",
         deliveries, now.elapsed - before.elapsed, client + server, client, server,
         (double)(now.client_switches - before.client_switches) / (double)deliveries,
         (double)(now.server_switches - before.server_switches) / (double)deliveries, protocol);
}

#endif
