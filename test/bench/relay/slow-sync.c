/* Preloaded (LD_PRELOAD): every sync takes so many milliseconds longer (SLOW_SYNC_MS, 10 unless told), as on a slower disk. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void wait_first(void) {
  const char *told = getenv("SLOW_SYNC_MS");
  long ms = told == NULL ? 10 : atol(told);
  struct timespec left = {ms / 1000, ms % 1000 * 1000000};
  while (nanosleep(&left, &left) != 0) {
  }
}

int fsync(int fd) {
  wait_first();
  return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd) {
  wait_first();
  return (int)syscall(SYS_fdatasync, fd);
}
