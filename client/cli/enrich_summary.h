// The outcome of an enrichment in a few lines.
#ifndef PORTRAIT_CLIENT_CLI_ENRICH_SUMMARY_H_
#define PORTRAIT_CLIENT_CLI_ENRICH_SUMMARY_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/time/time.h"
#include "client/bulk_enricher.h"
#include "portrait/v1/profile_picture.pb.h"

namespace portrait::cli {

// Thread-compatible.
class EnrichSummary {
 public:
  void Add(const v1::EnrichResult& result);
  // The picture of a result could not be saved.
  void AddUnsavedImage() { ++unsaved_images_; }

  uint64_t rows() const { return rows_; }
  // Rows with an error that does not concern the contact (as invalid,
  // suppressed or own number do), so that it was not looked up.
  uint64_t not_looked_up() const { return not_looked_up_; }

  // Lines that all end with a line break:
  //   2,000 rows in 0:04 (512/s): 1,520 available, 210 hidden, …
  //   120 from the store, 1,840 from WhatsApp, 12 new or changed
  //   40 failed: 30 INVALID_CONTACT, 10 UPSTREAM_TIMEOUT (retry)
  std::string Format(const client::BulkProgress& progress,
                     absl::Duration elapsed) const;

 private:
  uint64_t rows_ = 0;
  uint64_t from_store_ = 0;
  uint64_t from_whatsapp_ = 0;
  uint64_t failed_ = 0;
  uint64_t not_looked_up_ = 0;
  uint64_t unsaved_images_ = 0;
  std::map<std::string, uint64_t> outcomes_;  // by OutcomeName
  std::map<std::string, uint64_t> reasons_;   // of errors, as shown
};

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_ENRICH_SUMMARY_H_
