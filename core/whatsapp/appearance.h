// DeviceAppearance is the browser that a companion device says it runs in. The
// phone shows it in its list of linked devices.
#ifndef PORTRAIT_CORE_WHATSAPP_APPEARANCE_H_
#define PORTRAIT_CORE_WHATSAPP_APPEARANCE_H_

#include <cstdint>
#include <string>

namespace portrait::whatsapp {

// A value type.
struct DeviceAppearance {
  std::string os = "Ubuntu";       // the text in the phone's list
  std::string browser = "Chrome";  // a value of DeviceProps.PlatformType
  uint32_t browser_version = 152;  // the major version
  // The browser's estimate of the storage that the page may use; 0: left out.
  uint32_t storage_quota_mb = 0;
  std::string country = "US";  // of the locale, ISO 3166-1 alpha-2
  bool full_history = false;   // as desktop applications request it

  bool operator==(const DeviceAppearance&) const = default;
};

// Draws a browser at random, with the frequencies of browsers in use: accounts
// that all had the same browser would be easy to recognize.
DeviceAppearance DrawAppearance();

}  // namespace portrait::whatsapp

#endif  // PORTRAIT_CORE_WHATSAPP_APPEARANCE_H_
