#include "core/cluster/batch_entries.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "core/cluster/log_message.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace portrait::cluster {
namespace {

using ::testing::ElementsAre;

constexpr char kAlice[] = "13105551234@s.whatsapp.net";
constexpr char kLid[] = "100@lid";
constexpr int32_t kToday = 20'000;

// Each entry as its key, with "!" if it erases, ">" and the phone number of a
// LID, "*" if its history moves, "+" for a change.
std::vector<std::string> Lines(const std::vector<BatchEntry>& entries) {
  std::vector<std::string> lines;
  for (const auto& [entry, result] : entries) {
    std::string line = absl::StrCat(KeyOf(entry), entry.is_erased ? "!" : "");
    if (!entry.phone_jid.empty()) absl::StrAppend(&line, ">", entry.phone_jid);
    if (entry.moves_history) line += "*";
    if (result.has_value()) line += "+";
    lines.push_back(line);
  }
  return lines;
}

ApplyResult& AddResult(BatchEffects& effects, const std::string& jid,
                       bool has_change) {
  ApplyResult& result = effects.results.emplace_back();
  result.record.set_jid(jid);
  if (has_change) result.change = Change();
  return result;
}

TEST(BatchEntriesTest, ARecordIsWrittenWithItsChange) {
  BatchEffects effects;
  effects.results.reserve(3);
  effects.puts.push_back(&AddResult(effects, kAlice, true).record);
  AddResult(effects, "b@s.whatsapp.net", false);  // nothing new
  effects.puts.push_back(&AddResult(effects, "c@g.us", false).record);
  const auto entries = EntriesOf(effects, kToday);
  EXPECT_THAT(Lines(entries),
              ElementsAre(absl::StrCat("r:", kAlice, "+"), "r:c@g.us"));
  EXPECT_EQ(entries[0].result, 0u);
  // Each record has a last use.
  EXPECT_EQ(entries[0].entry.record.used_day(), kToday);
}

TEST(BatchEntriesTest, ALidIsMappedBeforeTheRecordThatNamesIt) {
  BatchEffects effects;
  effects.results.reserve(2);
  effects.puts.push_back(&AddResult(effects, kLid, true).record);
  effects.puts.push_back(&AddResult(effects, kAlice, true).record);
  effects.erased.insert(kLid);
  effects.moved_histories[kLid] = kAlice;
  effects.counterparts = {{kAlice, kLid}, {kLid, kAlice}, {"200@lid", ""}};
  EXPECT_THAT(Lines(EntriesOf(effects, kToday)),
              ElementsAre(absl::StrCat("r:", kLid, "+"),
                          absl::StrCat("l:", kLid, ">", kAlice, "*"),
                          absl::StrCat("r:", kAlice, "+"),
                          absl::StrCat("r:", kLid, "!"), "l:200@lid!"));
}

TEST(BatchEntriesTest, ErasingAContactErasesItUnderBothJids) {
  std::vector<BatchEntry> entries;
  for (const LogEntry& entry : ErasingEntriesOf({kAlice, kLid})) {
    entries.push_back({entry});
  }
  EXPECT_THAT(Lines(entries), ElementsAre(absl::StrCat("r:", kAlice, "!"),
                                          absl::StrCat("r:", kLid, "!"),
                                          absl::StrCat("l:", kLid, "!")));
}

}  // namespace
}  // namespace portrait::cluster
