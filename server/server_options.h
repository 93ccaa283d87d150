// The options of PortraitServer: its address, and the limits for callers.
#ifndef PORTRAIT_SERVER_SERVER_OPTIONS_H_
#define PORTRAIT_SERVER_SERVER_OPTIONS_H_

#include <cstddef>
#include <string>

#include "absl/time/time.h"
#include "server/open_streams.h"
#include "server/tls_files.h"

namespace portrait {

struct ServerOptions {
  // HOST:PORT (port 0: the system chooses a free one) or unix:PATH.
  std::string listen = "127.0.0.1:7700";
  TlsFiles tls;
  // All callers connect through the front door (deploy/front), which terminates
  // TLS and refuses hostile HTTP/2.
  bool behind_front = false;
  // Listen on an address that other machines can reach, with neither the front
  // door nor client certificates.
  bool insecure_listen = false;
  // Descriptors that are reserved for the store and WhatsApp accounts. 0: an
  // eighth of the limit, between 32 and 1024.
  size_t reserved_descriptors = 0;
  OpenStreamsOptions streams;
  size_t max_connection_streams = 1000;
  size_t max_tenant_calls = 1000;  // concurrent lookups of one contact
  // Callers of older connections are told to reconnect; remaining streams are
  // cancelled after the grace time. Zero: no limit.
  absl::Duration connection_age = absl::Hours(24);
  absl::Duration connection_age_grace = absl::Minutes(10);
  std::string backup_dir;  // empty: no backups are made
};

}  // namespace portrait

#endif  // PORTRAIT_SERVER_SERVER_OPTIONS_H_
