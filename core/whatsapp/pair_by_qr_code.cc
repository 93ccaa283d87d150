#include <memory>
#include <optional>
#include <utility>

#include "core/base/random.h"
#include "core/base/steady_time.h"
#include "core/whatsapp/client.h"
#include "core/whatsapp/device_pairing.h"
#include "core/whatsapp/pairing.h"
#include "core/whatsapp/qr_code_rotation.h"

namespace portrait::whatsapp {
namespace {

namespace asio = boost::asio;

constexpr size_t kAdvSecretBytes = 32;

// See DevicePairing for threads and lifetime.
class QrPairing : public DevicePairing {
 public:
  QrPairing(asio::any_io_executor strand, ConnectionOptions options)
      : DevicePairing(std::move(strand), std::move(options)) {}

 private:
  void OnPairDevice(const Node& pair_device) override {
    codes_.Start(pair_device, SteadyNow());
  }

  void OnNotification(const Node& notification) override {
    if (notification.AttributeOr("type") != "companion_reg_refresh") return;
    // Other people may have seen the previous code, so it must become invalid.
    SetAdvSecret(RandomBytes(kAdvSecretBytes));
    codes_.DrawAgain();
  }

  absl::Time Show(PairingEvents* events) override {
    if (!codes_.started()) return absl::InfiniteFuture();
    codes_.MoveOn(SteadyNow());
    if (codes_.exhausted()) return SteadyNow();
    if (codes_.NeedsDrawing()) {
      codes_.Drawn();
      events->OnQrCode(QrCodeText(codes_.ref(), device(), device().appearance),
                       options().clock() + (codes_.expires_at() - SteadyNow()));
    }
    return codes_.expires_at();
  }

  std::optional<absl::Status> TimeIsUp(bool hung_up) const override {
    if (codes_.exhausted() || (hung_up && codes_.on_last())) {
      return absl::DeadlineExceededError(
          "pairing: no code was scanned in time");
    }
    return std::nullopt;
  }

  QrCodeRotation codes_;
};

}  // namespace

asio::awaitable<absl::StatusOr<Device>> PairByQrCode(
    asio::any_io_executor strand, ConnectionOptions options,
    PairingEvents* events) {
  std::shared_ptr<DevicePairing> pairing =
      std::make_shared<QrPairing>(strand, std::move(options));
  absl::StatusOr<Device> device =
      co_await DevicePairing::Run(std::move(pairing), events);
  co_return device;
}

}  // namespace portrait::whatsapp
