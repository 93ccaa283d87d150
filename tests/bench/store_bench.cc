// Measures the store without a server.
//
//   store_bench fill  --folder F --contacts N      rate of storing, by part
//   store_bench apply --folder F --contacts N      beside raw RocksDB writing
//                                                  the same bytes
//   store_bench open  --folder F                   seconds to open
#include <CLI/CLI.hpp>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/base/status_macros.h"
#include "core/store/change_codec.h"
#include "core/store/keys.h"
#include "core/store/picture_store.h"
#include "core/store/rocksdb_database.h"
#include "rocksdb/write_batch.h"
#include "tests/bench/contacts.h"
#include "tests/bench/report.h"

namespace portrait::bench {
namespace {

constexpr uint64_t kBatch = 500;

struct Flags {
  std::string folder;
  uint64_t contacts = 100'000;
  uint64_t parts = 1;
  bool sync = true;
};

std::vector<Observation> MakeBatch(uint64_t first, uint64_t count) {
  std::vector<Observation> batch;
  batch.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    batch.push_back(MakeObservation(first + i, absl::Now()));
  }
  return batch;
}

RocksDbOptions OptionsOf(const Flags& flags) {
  RocksDbOptions options;
  options.sync = flags.sync ? StoreSync::kBatch : StoreSync::kNone;
  return options;
}

absl::Status Fill(const Flags& flags) {
  ASSIGN_OR_RETURN(Stores stores,
                   OpenRocksDbStores(flags.folder, OptionsOf(flags)));
  const uint64_t part = std::max<uint64_t>(flags.contacts / flags.parts, 1);
  absl::Duration storing;
  uint64_t done = 0, reported = 0;
  while (done < flags.contacts) {
    const std::vector<Observation> batch =
        MakeBatch(done, std::min(kBatch, flags.contacts - done));
    const absl::Time start = absl::Now();
    RETURN_IF_ERROR(stores.pictures->Apply(batch).status());
    storing += absl::Now() - start;
    done += batch.size();
    if (done - reported < part && done < flags.contacts) continue;
    Report({{"stored", static_cast<double>(done)},
            {"per_second", static_cast<double>(done - reported) /
                               absl::ToDoubleSeconds(storing)}});
    reported = done;
    storing = absl::ZeroDuration();
  }
  return absl::OkStatus();
}

// Prepares the writes that the store makes for a contact it has not seen.
absl::Status AddRaw(const ApplyResult& applied, RocksDbDatabase& database,
                    rocksdb::WriteBatch& batch) {
  const std::string& jid = applied.record.jid();
  batch.Put(database.family(Family::kContacts), jid,
            applied.record.SerializeAsString());
  if (!applied.change.has_value()) {
    return absl::InternalError("a new contact made no change");
  }
  const std::string change = ToProto(*applied.change).SerializeAsString();
  batch.Put(database.family(Family::kChanges),
            ChangeKey(applied.change->sequence), change);
  batch.Put(database.family(Family::kHistory),
            HistoryKey(jid, applied.change->sequence), change);
  return absl::OkStatus();
}

// Alternates between both, so that other load on the machine affects both
// equally.
absl::Status ApplyBesideRaw(const Flags& flags) {
  ASSIGN_OR_RETURN(Stores stores,
                   OpenRocksDbStores(flags.folder + "/ours", OptionsOf(flags)));
  RocksDbOptions options = OptionsOf(flags);
  ASSIGN_OR_RETURN(const std::shared_ptr<RocksDbDatabase> raw,
                   RocksDbDatabase::Open(flags.folder + "/raw", options,
                                         rocksdb::Env::Default()));
  rocksdb::WriteOptions write;
  write.sync = flags.sync;
  absl::Duration ours, theirs;
  uint64_t done = 0;
  while (done < flags.contacts) {
    const std::vector<Observation> batch = MakeBatch(done, kBatch);
    const absl::Time start = absl::Now();
    ASSIGN_OR_RETURN(const std::vector<ApplyResult> applied,
                     stores.pictures->Apply(batch));
    ours += absl::Now() - start;

    rocksdb::WriteBatch same;
    for (const ApplyResult& result : applied) {
      RETURN_IF_ERROR(AddRaw(result, *raw, same));
    }
    const absl::Time raw_start = absl::Now();
    const rocksdb::Status written = raw->db().Write(write, &same);
    theirs += absl::Now() - raw_start;
    if (!written.ok()) return absl::InternalError(written.ToString());
    done += kBatch;
  }
  const auto rate = [&](absl::Duration spent) {
    return static_cast<double>(done) / absl::ToDoubleSeconds(spent);
  };
  Report({{"per_second", rate(ours)}, {"raw_per_second", rate(theirs)}});
  return absl::OkStatus();
}

absl::Status OpenOnly(const Flags& flags) {
  const absl::Time start = absl::Now();
  ASSIGN_OR_RETURN(const Stores stores,
                   OpenRocksDbStores(flags.folder, OptionsOf(flags)));
  Report({{"seconds", absl::ToDoubleSeconds(absl::Now() - start)}});
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  Flags flags;
  absl::Status (*run)(const Flags&) = nullptr;
  CLI::App app("Measures the store without a server.");
  app.require_subcommand(1);
  const auto add = [&](const char* name, absl::Status (*what)(const Flags&)) {
    CLI::App* const command = app.add_subcommand(name);
    command->add_option("--folder", flags.folder)->required();
    command->add_option("--contacts", flags.contacts)
        ->check(CLI::Range(uint64_t{1}, kMaxContacts));
    command->add_option("--parts", flags.parts)->check(CLI::PositiveNumber);
    command->add_option("--sync", flags.sync);
    command->callback([&run, what] { run = what; });
  };
  add("fill", Fill);
  add("apply", ApplyBesideRaw);
  add("open", OpenOnly);
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = run(flags);
  if (status.ok()) return EXIT_SUCCESS;
  std::cerr << "store_bench: " << status << "\n";
  return EXIT_FAILURE;
}

}  // namespace
}  // namespace portrait::bench

int main(int argc, char** argv) { return portrait::bench::Main(argc, argv); }
