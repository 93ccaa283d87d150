// Keeps a few results of every kind during a run, to show them at its end.
#ifndef PORTRAIT_CLIENT_CLI_ENRICH_SAMPLES_H_
#define PORTRAIT_CLIENT_CLI_ENRICH_SAMPLES_H_

#include <cstddef>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "portrait/v1/profile_picture.pb.h"

namespace portrait::cli {

// The most results of each kind.
inline constexpr size_t kMaxSamplesPerKind = 20;

// Thread-compatible.
class EnrichSamples {
 public:
  explicit EnrichSamples(size_t per_kind) : per_kind_(per_kind) {}

  // Keeps the first results of a kind. `contact` is the list's text.
  void Add(const std::string& contact, const v1::EnrichResult& result);

  // A table of at most `limit` columns, the best outcomes first; empty if no
  // result was kept.
  std::string Format(size_t limit) const;

 private:
  // The order of the table: by outcome, people before businesses, by reason.
  using Kind = std::tuple<size_t, bool, v1::ErrorReason>;
  static Kind KindOf(const v1::EnrichResult& result);

  const size_t per_kind_;
  std::map<Kind, std::vector<std::vector<std::string>>> rows_;
};

}  // namespace portrait::cli

#endif  // PORTRAIT_CLIENT_CLI_ENRICH_SAMPLES_H_
