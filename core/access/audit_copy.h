// AuditCopy passes the lines of the audit log on to a collector outside of this
// process: standard output or the machine's syslog daemon.
#ifndef PORTRAIT_CORE_ACCESS_AUDIT_COPY_H_
#define PORTRAIT_CORE_ACCESS_AUDIT_COPY_H_

#include <string>

#include "absl/strings/string_view.h"

namespace portrait {

// Thread-compatible. If the collector does not take a line within a second, the
// rest of this Write is lost; the audit file still has it.
class AuditCopy {
 public:
  enum class To { kNone, kStdout, kSyslog };

  // `syslog_socket`: the Unix datagram socket of the daemon. It is opened by
  // the first Write, and again after the daemon was restarted.
  AuditCopy(To to, std::string syslog_socket)
      : to_(to), syslog_socket_(std::move(syslog_socket)) {}
  ~AuditCopy() { Close(); }
  AuditCopy(const AuditCopy&) = delete;
  AuditCopy& operator=(const AuditCopy&) = delete;

  // `lines` end with a newline each.
  void Write(absl::string_view lines);

 private:
  // Returns false if the line is lost.
  bool WriteToSyslog(absl::string_view line);
  bool Connect();
  void Close();

  const To to_;
  const std::string syslog_socket_;
  int socket_ = -1;  // -1: not connected
};

}  // namespace portrait

#endif  // PORTRAIT_CORE_ACCESS_AUDIT_COPY_H_
