#include "core/session/sealed_sessions.h"

#include <algorithm>

#include "core/base/status_macros.h"
#include "core/session/session_keys.h"

namespace portrait {

SealedSessions::SealedSessions(KeyValueStore& storage, std::string seal_key)
    : storage_(storage), seal_key_(std::move(seal_key)) {}

absl::StatusOr<std::vector<SealedSessions::Account>> SealedSessions::LoadAll() {
  using NameAndRecord = std::pair<std::string, std::string>;
  ASSIGN_OR_RETURN(const std::vector<NameAndRecord> stored, storage_.List(""));
  std::vector<Account> accounts;
  accounts.reserve(stored.size());
  for (const auto& [name, record] : stored) {
    ASSIGN_OR_RETURN(whatsapp::Device device,
                     OpenSealedDevice(seal_key_, name, record));
    accounts.push_back({name, std::move(device)});
  }
  std::sort(accounts.begin(), accounts.end(),
            [](const Account& a, const Account& b) { return a.name < b.name; });
  return accounts;
}

absl::Status SealedSessions::Save(const std::string& name,
                                  const whatsapp::Device& device) {
  return storage_.Put(name, SealDevice(seal_key_, name, device));
}

absl::Status SealedSessions::Erase(const std::string& name) {
  const absl::Status erased = storage_.Delete(name);
  return absl::IsNotFound(erased) ? absl::OkStatus() : erased;
}

}  // namespace portrait
