// The one door to libpq: what its public header declares, nothing added.
#include <libpq-fe.h>
