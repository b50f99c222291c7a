/*
 * Preloaded into a relay under test (LD_PRELOAD), between it and the C library: a disk that forgets what was not synced
 * when the power goes, whose syncs fail or which is full when the test says so, and a clock that jumps.
 *
 * FAULTS_ROOT: only files below this folder are watched. FAULTS_DIR: where the journal is kept, and where the test puts
 *   fail-sync   its content is part of a path: syncs of such files fail with EIO, and what they were to sync is lost
 *   full        watched files can't be written to: ENOSPC
 *   clock       8 bytes: by how many nanoseconds the wall clock is ahead
 * FAULTS_SLOW_MS: by how many milliseconds each sync is longer; it covers what was written before it began.
 *
 * The journal tells, for each write, what was there before, so that lost-writes.ts can take back what no sync covered.
 * Its records are: type, length of the path, inode, offset, length of the old bytes, size before, length of what is written; then
 * path, old bytes.
 * A slow sync has one when it begins, too; both have its number in place of an offset.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define MOST_FDS 65536

struct record {
  uint32_t type;
  uint32_t path_length;
  uint64_t inode;
  uint64_t offset;
  uint64_t length;
  uint64_t size;
  uint64_t written;
};

enum { WRITE = 'W', TRUNCATE = 'T', CREATE = 'C', RENAME = 'R', UNLINK = 'U', SYNC_BEGUN = 'B', SYNC = 'S', SYNC_FOLDER = 'D', LOST = 'F' };

static char *paths[MOST_FDS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *root, *folder;
static size_t root_length;
static int journal = -1;
static int64_t *ahead;

static int real_open(const char *path, int flags, mode_t mode) { return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode); }
static ssize_t real_pwrite(int fd, const void *bytes, size_t n, off_t at) { return syscall(SYS_pwrite64, fd, bytes, n, at); }
static ssize_t real_write(int fd, const void *bytes, size_t n) { return syscall(SYS_write, fd, bytes, n); }

__attribute__((constructor)) static void start(void) {
  root = getenv("FAULTS_ROOT");
  folder = getenv("FAULTS_DIR");
  if (root == NULL || folder == NULL) return;
  root_length = strlen(root);
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/journal", folder);
  journal = real_open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  snprintf(path, sizeof path, "%s/clock", folder);
  int fd = real_open(path, O_RDWR | O_CLOEXEC, 0);
  if (fd >= 0) {
    void *mapped = mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, fd, 0);
    if (mapped != MAP_FAILED) ahead = mapped;
    close(fd);
  }
}

static int below_root(const char *path) {
  if (root == NULL || strncmp(path, root, root_length) != 0 || path[root_length] != '/') return 0;
  /* Memory shared between processes; after a power cut SQLite makes it anew. */
  size_t n = strlen(path);
  return n < 4 || strcmp(path + n - 4, "-shm") != 0;
}

static const char *watched(int fd) { return fd >= 0 && fd < MOST_FDS ? paths[fd] : NULL; }

/* 1 when the test put a file of this name there, and what it holds is part of `path`. */
static int told(const char *name, const char *path) {
  char file[PATH_MAX], wanted[PATH_MAX];
  snprintf(file, sizeof file, "%s/%s", folder, name);
  int fd = real_open(file, O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return 0;
  ssize_t n = syscall(SYS_read, fd, wanted, sizeof wanted - 1);
  syscall(SYS_close, fd);
  wanted[n < 0 ? 0 : n] = 0;
  return strstr(path, wanted) != NULL;
}

static void note_write(uint32_t type, uint64_t inode, uint64_t offset, const void *old, size_t length, uint64_t size, uint64_t written, const char *path) {
  struct record one = {type, (uint32_t)strlen(path), inode, offset, length, size, written};
  struct iovec parts[3] = {{&one, sizeof one}, {(void *)path, one.path_length}, {(void *)old, length}};
  if (syscall(SYS_writev, journal, parts, 3) < 0) abort();
}

static void note(uint32_t type, uint64_t inode, uint64_t offset, const void *old, size_t length, uint64_t size, const char *path) {
  note_write(type, inode, offset, old, length, size, 0, path);
}

/* The bytes of a file that are about to go, and its size, into the journal. */
static void note_old(uint32_t type, int fd, const char *path, off_t at, size_t n) {
  struct stat now;
  if (fstat(fd, &now) != 0) return;
  size_t length = at >= now.st_size ? 0 : (size_t)(now.st_size - at) < n ? (size_t)(now.st_size - at) : n;
  char *old = malloc(length + 1);
  /* The descriptor may be open for writing only. */
  int reader = real_open(path, O_RDONLY | O_CLOEXEC, 0);
  struct stat same;
  if (reader < 0 || fstat(reader, &same) != 0 || same.st_ino != now.st_ino) length = 0;
  else length = (size_t)syscall(SYS_pread64, reader, old, length, at);
  if (reader >= 0) syscall(SYS_close, reader);
  note_write(type, now.st_ino, (uint64_t)at, old, length, (uint64_t)now.st_size, type == WRITE ? n : 0, path);
  free(old);
}

static int opened(int fd, const char *path, int created) {
  if (fd < 0 || fd >= MOST_FDS) return fd;
  pthread_mutex_lock(&lock);
  free(paths[fd]);
  paths[fd] = below_root(path) || (root != NULL && strcmp(path, root) == 0) ? strdup(path) : NULL;
  if (paths[fd] != NULL && created) {
    struct stat now;
    fstat(fd, &now);
    note(CREATE, now.st_ino, 0, "", 0, 0, path);
  }
  pthread_mutex_unlock(&lock);
  return fd;
}

static int open_any(const char *path, int flags, mode_t mode) {
  struct stat now;
  if (!below_root(path)) return opened(real_open(path, flags, mode), path, 0);
  int is_new = (flags & O_CREAT) != 0 && stat(path, &now) != 0;
  if (is_new && told("full", path)) {
    errno = ENOSPC;
    return -1;
  }
  if ((flags & O_TRUNC) != 0 && !is_new) {
    int fd = real_open(path, O_RDONLY | O_CLOEXEC, 0);
    if (fd >= 0) {
      pthread_mutex_lock(&lock);
      note_old(TRUNCATE, fd, path, 0, SIZE_MAX);
      pthread_mutex_unlock(&lock);
      syscall(SYS_close, fd);
    }
  }
  return opened(real_open(path, flags, mode), path, is_new);
}

int open(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  return open_any(path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  return open_any(path, flags, mode);
}

int close(int fd) {
  if (fd >= 0 && fd < MOST_FDS && paths[fd] != NULL) {
    pthread_mutex_lock(&lock);
    free(paths[fd]);
    paths[fd] = NULL;
    pthread_mutex_unlock(&lock);
  }
  return (int)syscall(SYS_close, fd);
}

static ssize_t write_at(int fd, const struct iovec *parts, int count, off_t at, int moves) {
  const char *path = watched(fd);
  if (path != NULL && told("full", path)) {
    errno = ENOSPC;
    return -1;
  }
  size_t n = 0;
  for (int i = 0; i < count; i++) n += parts[i].iov_len;
  if (path != NULL) {
    pthread_mutex_lock(&lock);
    off_t from = at;
    if (moves) {
      struct stat now;
      int appends = (fcntl(fd, F_GETFL) & O_APPEND) != 0;
      from = appends && fstat(fd, &now) == 0 ? now.st_size : lseek(fd, 0, SEEK_CUR);
    }
    note_old(WRITE, fd, path, from, n);
  }
  ssize_t done = moves ? syscall(SYS_writev, fd, parts, count)
                       : syscall(SYS_pwritev, fd, parts, count, (long)at, (long)0);
  int failure = errno;
  if (path != NULL) pthread_mutex_unlock(&lock);
  errno = failure;
  return done;
}

ssize_t write(int fd, const void *bytes, size_t n) {
  if (watched(fd) == NULL) return real_write(fd, bytes, n);
  struct iovec one = {(void *)bytes, n};
  return write_at(fd, &one, 1, 0, 1);
}
ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at) {
  if (watched(fd) == NULL) return real_pwrite(fd, bytes, n, at);
  struct iovec one = {(void *)bytes, n};
  return write_at(fd, &one, 1, at, 0);
}
ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at) { return pwrite(fd, bytes, n, at); }
ssize_t writev(int fd, const struct iovec *parts, int count) { return write_at(fd, parts, count, 0, 1); }
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) { return write_at(fd, parts, count, at, 0); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) { return write_at(fd, parts, count, at, 0); }

int ftruncate(int fd, off_t size) {
  const char *path = watched(fd);
  if (path == NULL) return (int)syscall(SYS_ftruncate, fd, size);
  pthread_mutex_lock(&lock);
  note_old(TRUNCATE, fd, path, size, SIZE_MAX);
  int done = (int)syscall(SYS_ftruncate, fd, size);
  pthread_mutex_unlock(&lock);
  return done;
}
int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }

/* Gives the number of a slow sync; 0: it is not slow. */
static uint64_t wait_slowly(uint64_t inode, const char *path) {
  static uint64_t number = 0;
  const char *text = getenv("FAULTS_SLOW_MS");
  long ms = text == NULL ? 0 : atol(text);
  if (ms <= 0) return 0;
  pthread_mutex_lock(&lock);
  uint64_t mine = ++number;
  note(SYNC_BEGUN, inode, mine, "", 0, 0, path);
  pthread_mutex_unlock(&lock);
  struct timespec left = {ms / 1000, ms % 1000 * 1000000};
  while (nanosleep(&left, &left) != 0) {
  }
  return mine;
}

static int sync_any(int fd, long call) {
  const char *path = watched(fd);
  if (path == NULL) return (int)syscall(call, fd);
  struct stat now;
  fstat(fd, &now);
  uint64_t number = wait_slowly(now.st_ino, path);
  pthread_mutex_lock(&lock);
  int done = -1;
  if (told("fail-sync", path)) {
    note(LOST, now.st_ino, 0, "", 0, 0, path);
    errno = EIO;
  } else {
    done = (int)syscall(call, fd);
    if (done == 0) note(S_ISDIR(now.st_mode) ? SYNC_FOLDER : SYNC, now.st_ino, number, "", 0, 0, path);
  }
  int failure = errno;
  pthread_mutex_unlock(&lock);
  errno = failure;
  return done;
}
int fsync(int fd) { return sync_any(fd, SYS_fsync); }
int fdatasync(int fd) { return sync_any(fd, SYS_fdatasync); }

int rename(const char *from, const char *to) {
  struct stat now;
  int known = below_root(to) && stat(from, &now) == 0;
  int done = (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
  if (done == 0 && known) {
    pthread_mutex_lock(&lock);
    /* The name before stands where other records have the old bytes. */
    note(RENAME, now.st_ino, 0, from, strlen(from), 0, to);
    pthread_mutex_unlock(&lock);
  }
  return done;
}

int unlink(const char *path) {
  struct stat now;
  int known = below_root(path) && lstat(path, &now) == 0;
  int done = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
  if (done == 0 && known) {
    pthread_mutex_lock(&lock);
    note(UNLINK, now.st_ino, 0, "", 0, 0, path);
    pthread_mutex_unlock(&lock);
  }
  return done;
}

int clock_gettime(clockid_t id, struct timespec *now) {
  int done = (int)syscall(SYS_clock_gettime, id, now);
  if (done != 0 || ahead == NULL || *ahead == 0 || (id != CLOCK_REALTIME && id != CLOCK_REALTIME_COARSE)) return done;
  int64_t moved = now->tv_sec * 1000000000LL + now->tv_nsec + *ahead;
  now->tv_sec = moved / 1000000000LL;
  now->tv_nsec = moved % 1000000000LL;
  return 0;
}
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  struct timespec exact;
  if (clock_gettime(CLOCK_REALTIME, &exact) != 0) return -1;
  now->tv_sec = exact.tv_sec;
  now->tv_usec = exact.tv_nsec / 1000;
  return 0;
}
time_t time(time_t *at) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (at != NULL) *at = now.tv_sec;
  return now.tv_sec;
}
