#include "core/whatsapp/appearance.h"

#include <iterator>

#include "core/base/random.h"

namespace portrait::whatsapp {
namespace {

// Each system is listed as often as tenths of all users have it. WhatsApp
// refuses link codes for systems that it does not know.
constexpr const char* kSystems[] = {
    "Windows", "Windows", "Windows", "Windows", "Windows",
    "Windows", "Windows", "Mac OS",  "Mac OS",  "Ubuntu",
};

// Major versions of Chrome in use, the newest most often.
constexpr uint32_t kBrowserVersions[] = {152, 152, 152, 151, 151, 150};

// Chrome reports 10 GiB plus what the page has stored so far.
constexpr uint32_t kBrowserQuotaMb = 10240;
constexpr uint32_t kMinStoredMb = 4;
constexpr uint32_t kMaxStoredMb = 64;

template <typename T, size_t N>
T Draw(const T (&values)[N]) {
  return values[RandomBelow(static_cast<uint32_t>(std::size(values)))];
}

}  // namespace

DeviceAppearance DrawAppearance() {
  DeviceAppearance appearance;
  appearance.os = Draw(kSystems);
  appearance.browser_version = Draw(kBrowserVersions);
  appearance.storage_quota_mb = kBrowserQuotaMb + kMinStoredMb +
                                RandomBelow(kMaxStoredMb - kMinStoredMb + 1);
  return appearance;
}

}  // namespace portrait::whatsapp
