// The lines of a bulk lookup over HTTP: items in, results out. The JSON is
// protobuf's own; the frequent forms have a fast path.
#ifndef PORTRAIT_SERVER_HTTP_BULK_LINES_H_
#define PORTRAIT_SERVER_HTTP_BULK_LINES_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait::http {

// Cuts received bytes into lines and lines into items. Thread-compatible.
class ItemReader {
 public:
  // Appends the items of all complete lines to `request`; `is_last`: the rest
  // is a line as well. A line is an EnrichItem in JSON; any other text, or a
  // JSON string, is a contact as it stands. An item without a tag gets its
  // line's number, from 1. Empty lines are skipped.
  //
  // Errors: INVALID_ARGUMENT if a line is longer than 64 KiB.
  absl::Status Read(absl::string_view bytes, bool is_last,
                    v1::EnrichProfilePicturesRequest* request);

 private:
  void AddLine(absl::string_view line,
               v1::EnrichProfilePicturesRequest* request);

  std::string rest_;  // an incomplete line
  uint64_t line_ = 0;
};

// Appends a serialized EnrichResult in JSON and a line feed.
void AppendResultLine(absl::string_view result, std::string* lines);

// Appends the results of a serialized EnrichProfilePicturesResponse. Returns
// false if it is malformed.
bool AppendResultLines(absl::string_view response, std::string* lines);

}  // namespace portrait::http

#endif  // PORTRAIT_SERVER_HTTP_BULK_LINES_H_
