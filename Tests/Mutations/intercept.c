// Stands between the tests and libpq (LD_PRELOAD): notes which statements are sent, and sends others in their place. The
// tests run as they were built; nothing of this is in the product.
//
// MUTATIONS_NOTED names a file that each statement is appended to: its name, parameters' types and text, each ended by a
// NUL. MUTATIONS_REPLACED names one of pairs of texts, each ended by a NUL: what is sent instead of what.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct pg_conn PGconn;
typedef unsigned int Oid;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static FILE *noted;
static char *replaced, *end;
static int (*send_prepare)(PGconn *, const char *, const char *, int, const Oid *);
static int (*send_query)(PGconn *, const char *);

static void fail(const char *what) {
  fprintf(stderr, "intercept: %s\n", what);
  _exit(70);
}

static void read_replaced(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END)) fail("what is to be replaced cannot be read");
  long size = ftell(file);
  rewind(file);
  replaced = malloc(size + 1);
  if (!replaced || fread(replaced, 1, size, file) != (size_t)size) fail("what is to be replaced cannot be read");
  end = replaced + size;
  fclose(file);
}

static void start(void) {
  send_prepare = dlsym(RTLD_NEXT, "PQsendPrepare");
  send_query = dlsym(RTLD_NEXT, "PQsendQuery");
  if (!send_prepare || !send_query) fail("there is no libpq");
  const char *path = getenv("MUTATIONS_NOTED");
  if (path && !(noted = fopen(path, "ab"))) fail("statements cannot be noted");
  if ((path = getenv("MUTATIONS_REPLACED"))) read_replaced(path);
}

static void note(const char *name, const char *text, int count, const Oid *types) {
  if (!noted) return;
  pthread_mutex_lock(&mutex);
  fprintf(noted, "%s%c", name, 0);
  for (int i = 0; i < count; i++) fprintf(noted, "%u ", types ? types[i] : 0);
  fprintf(noted, "%c%s%c", 0, text, 0);
  fflush(noted);
  pthread_mutex_unlock(&mutex);
}

static const char *instead(const char *text) {
  for (char *from = replaced; from < end;) {
    char *to = from + strlen(from) + 1;
    if (!strcmp(from, text)) return to;
    from = to + strlen(to) + 1;
  }
  return text;
}

int PQsendPrepare(PGconn *connection, const char *name, const char *text, int count, const Oid *types) {
  pthread_once(&once, start);
  note(name, text, count, types);
  return send_prepare(connection, name, instead(text), count, types);
}

int PQsendQuery(PGconn *connection, const char *text) {
  pthread_once(&once, start);
  note("", text, 0, NULL);
  return send_query(connection, instead(text));
}
