// Helpers for tests of a bulk run: its source, its sink, and its client.
#ifndef PORTRAIT_CLIENT_TESTING_BULK_RUN_H_
#define PORTRAIT_CLIENT_TESTING_BULK_RUN_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/bulk_enricher.h"
#include "client/testing/scripted_server.h"

namespace portrait::client {

// A source of the contacts +10000, +10001, …
inline BulkEnricher::Source Numbers(int count) {
  return [next = 0,
          count]() mutable -> absl::StatusOr<std::optional<v1::EnrichItem>> {
    if (next == count) return std::nullopt;
    v1::EnrichItem item;
    item.set_tag(static_cast<uint64_t>(next));
    item.set_contact(absl::StrCat("+", 10'000 + next++));
    return item;
  };
}

// The results that a run passed to its sink.
struct Collected {
  std::vector<uint64_t> tags;
  std::map<uint64_t, v1::EnrichResult> by_tag;

  BulkEnricher::Sink sink() {
    return [this](v1::EnrichResult result) {
      tags.push_back(result.tag());
      by_tag[result.tag()] = std::move(result);
      return absl::OkStatus();
    };
  }

  void ExpectOneEach(int count) const {
    EXPECT_EQ(tags.size(), static_cast<size_t>(count));
    ASSERT_EQ(by_tag.size(), static_cast<size_t>(count));
    for (const auto& [tag, result] : by_tag) {
      v1::EnrichItem item;
      item.set_tag(tag);
      item.set_contact(absl::StrCat("+", 10'000 + tag));
      EXPECT_EQ(result.SerializeAsString(),
                AnswerFor(item).SerializeAsString());
    }
  }
};

inline std::unique_ptr<PortraitClient> ClientOf(const ScriptedServer& server,
                                                const std::string& token = "") {
  auto client =
      PortraitClient::Make({.server = server.address(), .token = token});
  EXPECT_TRUE(client.ok()) << client.status();
  return *std::move(client);
}

inline BulkOptions Quick() {
  BulkOptions options;
  options.first_backoff = absl::Milliseconds(1);
  options.longest_backoff = absl::Milliseconds(20);
  options.retry_for = absl::Seconds(60);
  return options;
}

inline grpc::Status Unavailable() {
  return grpc::Status(grpc::StatusCode::UNAVAILABLE, "going away");
}

}  // namespace portrait::client

#endif  // PORTRAIT_CLIENT_TESTING_BULK_RUN_H_
