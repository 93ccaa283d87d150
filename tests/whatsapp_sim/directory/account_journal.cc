#include "tests/whatsapp_sim/directory/account_journal.h"

#include <filesystem>
#include <system_error>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "google/protobuf/io/zero_copy_stream_impl.h"
#include "google/protobuf/util/delimited_message_util.h"
#include "simulator_state.pb.h"

namespace portrait::sim {
namespace {

namespace io = google::protobuf::io;
namespace protobuf_util = google::protobuf::util;

void Apply(const state::StoredOverride& stored, Directory* directory) {
  const Picture picture{stored.picture_id(), stored.picture_hidden(),
                        stored.picture_needs_token(), stored.is_community()};
  if (!stored.group_jid().empty()) {
    const absl::StatusOr<whatsapp::Jid> jid =
        whatsapp::ParseJid(stored.group_jid());
    if (!jid.ok()) return;
    if (jid->IsGroup()) {
      directory->OverrideGroup(*jid, picture);
    } else {
      directory->OverrideChannel(
          *jid, {stored.registered(), stored.verified_name(), picture});
    }
    return;
  }
  Account account;
  account.number = stored.number();
  account.registered = stored.registered();
  account.lid = stored.lid();
  account.is_business = stored.is_business();
  account.verified_name = stored.verified_name();
  account.picture = picture;
  // It succeeded when it was recorded, so it succeeds again.
  (void)directory->Override(account);
}

// Applies all records. Returns the size of the complete records in bytes.
int64_t ReadAll(const std::string& path, Directory* directory) {
  std::ifstream file(path, std::ios::binary);
  io::IstreamInputStream input(&file);
  int64_t whole = 0;
  state::StoredOverride stored;
  while (protobuf_util::ParseDelimitedFromZeroCopyStream(&stored, &input,
                                                         nullptr)) {
    Apply(stored, directory);
    whole = input.ByteCount();
    stored.Clear();
  }
  return whole;
}

absl::Status Write(const state::StoredOverride& stored, std::ofstream* file) {
  protobuf_util::SerializeDelimitedToOstream(stored, file);
  file->flush();
  if (file->good()) return absl::OkStatus();
  return absl::UnavailableError("cannot write the account journal");
}

}  // namespace

absl::StatusOr<std::unique_ptr<AccountJournal>> AccountJournal::Open(
    const std::string& folder, Directory* directory) {
  const std::string path = absl::StrCat(folder, "/accounts");
  std::error_code error;
  if (std::filesystem::exists(path, error)) {
    std::filesystem::resize_file(path, ReadAll(path, directory), error);
  }
  auto journal = absl::WrapUnique(new AccountJournal());
  absl::MutexLock lock(&journal->mu_);
  journal->file_.open(path, std::ios::binary | std::ios::app);
  if (journal->file_.is_open()) return journal;
  return absl::UnavailableError(absl::StrCat("cannot write ", path));
}

absl::Status AccountJournal::Append(const Account& account) {
  state::StoredOverride stored;
  stored.set_number(account.number);
  stored.set_registered(account.registered);
  stored.set_lid(account.lid);
  stored.set_is_business(account.is_business);
  stored.set_verified_name(account.verified_name);
  stored.set_picture_id(account.picture.id);
  stored.set_picture_hidden(account.picture.hidden);
  stored.set_picture_needs_token(account.picture.needs_token);
  absl::MutexLock lock(&mu_);
  return Write(stored, &file_);
}

absl::Status AccountJournal::AppendGroup(const whatsapp::Jid& group,
                                         const Picture& picture) {
  state::StoredOverride stored;
  stored.set_group_jid(group.ToString());
  stored.set_picture_id(picture.id);
  stored.set_picture_hidden(picture.hidden);
  stored.set_is_community(picture.community);
  absl::MutexLock lock(&mu_);
  return Write(stored, &file_);
}

absl::Status AccountJournal::AppendChannel(const whatsapp::Jid& jid,
                                           const Channel& channel) {
  state::StoredOverride stored;
  stored.set_group_jid(jid.ToString());
  stored.set_registered(channel.exists);
  stored.set_verified_name(channel.name);
  stored.set_picture_id(channel.picture.id);
  absl::MutexLock lock(&mu_);
  return Write(stored, &file_);
}

}  // namespace portrait::sim
