// Measures the work on images.
//
//   picture_bench decode FILE…                        JPEG files: decoding and
//                                                   hashing beside libjpeg
//                                                   alone
//   picture_bench likeness --folder F --pictures N    a search among N pictures
//                                                   beside a linear scan
#include <cstdio>  // before jpeglib.h, which needs it

#include <jpeglib.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/base/status_macros.h"
#include "core/image/image_facts.h"
#include "core/image/likeness_index.h"
#include "core/store/picture_store.h"
#include "tests/bench/report.h"

namespace portrait::bench {
namespace {

constexpr uint64_t kBatch = 2000;  // pictures that are added at a time
constexpr int kDistance = 8;
constexpr size_t kLimit = 10'000;

struct ImageFlags {
  std::vector<std::string> files;
  std::string folder;
  uint64_t pictures = 100'000;
  uint64_t searches = 200;
  uint64_t rounds = 20;
};

struct Picture {
  size_t width = 0;
  size_t height = 0;
  std::vector<uint8_t> rgb;
};

// Decodes as djpeg does.
Picture DecodeAlone(const std::string& bytes) {
  jpeg_decompress_struct info = {};
  jpeg_error_mgr errors = {};
  info.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()),
               bytes.size());
  jpeg_read_header(&info, TRUE);
  jpeg_start_decompress(&info);
  Picture picture{info.output_width, info.output_height, {}};
  const size_t row_bytes = 3 * picture.width;
  picture.rgb.resize(row_bytes * picture.height);
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = picture.rgb.data() + info.output_scanline * row_bytes;
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return picture;
}

// One pass of a Lanczos filter over `lines` lines of `from` samples each.
std::vector<float> PlainResize(const std::vector<float>& samples, size_t from,
                               size_t lines, size_t to) {
  constexpr double kLobes = 3;
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  const double filter = std::max(scale, 1.0);
  std::vector<float> out(to * lines);  // transposed
  for (size_t i = 0; i < to; ++i) {
    const double center = (static_cast<double>(i) + 0.5) * scale;
    const auto first =
        static_cast<size_t>(std::max(center - kLobes * filter + 0.5, 0.0));
    const size_t end =
        std::min(from, static_cast<size_t>(center + kLobes * filter + 0.5));
    std::vector<float> weights;
    float sum = 0;
    for (size_t x = first; x < end; ++x) {
      const double at =
          M_PI * ((static_cast<double>(x) - center + 0.5) / filter);
      const double weight =
          at == 0 ? 1
                  : std::sin(at) / at * std::sin(at / kLobes) / (at / kLobes);
      weights.push_back(static_cast<float>(weight));
      sum += weights.back();
    }
    for (size_t line = 0; line < lines; ++line) {
      const float* sample = samples.data() + line * from + first;
      float value = 0;
      for (size_t x = 0; x < weights.size(); ++x)
        value += sample[x] * weights[x];
      out[i * lines + line] = value / sum;
    }
  }
  return out;
}

// The baseline: decoding and the two hashes of imagehash, as plain C would
// compute them. Its bits may differ from imagehash's by rounding.
uint64_t PlainHashes(const std::string& bytes) {
  const Picture picture = DecodeAlone(bytes);
  std::vector<float> grey(picture.width * picture.height);
  for (size_t i = 0; i < grey.size(); ++i) {
    const uint8_t* rgb = picture.rgb.data() + 3 * i;
    grey[i] = 0.299F * rgb[0] + 0.587F * rgb[1] + 0.114F * rgb[2];
  }
  const auto resize = [&](size_t width, size_t height) {
    return PlainResize(PlainResize(grey, picture.width, picture.height, width),
                       picture.height, width, height);
  };
  uint64_t hash = 0;
  const std::vector<float> nine = resize(9, 8);
  for (size_t i = 0; i + 1 < nine.size(); ++i) {
    hash = hash << 1 | (nine[i + 1] > nine[i] ? 1 : 0);
  }
  constexpr size_t kSide = 32;
  const std::vector<float> square = resize(kSide, kSide);
  double cosines[8][kSide];
  for (size_t k = 0; k < 8; ++k) {
    for (size_t x = 0; x < kSide; ++x) {
      cosines[k][x] =
          std::cos(M_PI * static_cast<double>(k * (2 * x + 1)) / (2 * kSide));
    }
  }
  std::vector<double> low;
  for (size_t k = 0; k < 8; ++k) {
    for (size_t l = 0; l < 8; ++l) {
      double value = 0;
      for (size_t i = 0; i < square.size(); ++i) {
        value += square[i] * cosines[k][i / kSide] * cosines[l][i % kSide];
      }
      low.push_back(value);
    }
  }
  std::vector<double> sorted = low;
  std::nth_element(sorted.begin(), sorted.begin() + 32, sorted.end());
  for (const double value : low) {
    hash = hash << 1 ^ (value > sorted[32] ? 1 : 0);
  }
  return hash;
}

// The CPU time of this process, which other load on the machine changes little.
absl::Duration CpuTime() {
  timespec time = {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return absl::DurationFromTimespec(time);
}

absl::Status MeasureDecoding(const ImageFlags& flags) {
  std::vector<std::string> images;
  for (const std::string& path : flags.files) {
    std::ifstream file(path, std::ios::binary);
    images.emplace_back(std::istreambuf_iterator<char>(file),
                        std::istreambuf_iterator<char>());
  }
  absl::Duration alone, read;
  [[maybe_unused]] uint64_t checksum =
      0;  // so that the compiler removes nothing
  // In turns, because the machine's speed drifts.
  for (uint64_t round = 0; round < flags.rounds; ++round) {
    for (const std::string& image : images) {
      const absl::Duration start = CpuTime();
      checksum ^= PlainHashes(image);
      const absl::Duration decoded = CpuTime();
      RETURN_IF_ERROR(ReadImage(image, ImageLimits()).status());
      read += CpuTime() - decoded;
      alone += decoded - start;
    }
  }
  const auto rate = [&](absl::Duration spent) {
    return static_cast<double>(flags.rounds * images.size()) /
           absl::ToDoubleSeconds(spent);
  };
  Report(
      {{"decoded_per_second", rate(alone)}, {"read_per_second", rate(read)}});
  return absl::OkStatus();
}

absl::StatusOr<std::vector<uint64_t>> FillIndex(const ImageFlags& flags,
                                                LikenessIndex& index) {
  std::mt19937_64 random(1);
  std::vector<uint64_t> hashes;
  std::vector<LikenessEntry> batch;
  const absl::Time start = absl::Now();
  while (hashes.size() < flags.pictures) {
    // As many ones as zeros, as a comparison with a median gives.
    uint64_t hash = 0;
    while (std::popcount(hash) < 32) hash |= uint64_t{1} << (random() % 64);
    batch.push_back(
        {hash, absl::StrCat(491510000000 + hashes.size(), "@s.whatsapp.net")});
    hashes.push_back(hash);
    if (batch.size() < kBatch && hashes.size() < flags.pictures) continue;
    RETURN_IF_ERROR(index.Update(batch, {}));
    batch.clear();
  }
  Report(
      {{"added_per_second", static_cast<double>(hashes.size()) /
                                absl::ToDoubleSeconds(absl::Now() - start)}});
  return hashes;
}

double Percentile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(share *
                                    static_cast<double>(values.size() - 1))];
}

absl::Status MeasureLikeness(const ImageFlags& flags) {
  RocksDbOptions options;
  options.sync = StoreSync::kNone;
  ASSIGN_OR_RETURN(const Stores stores,
                   OpenRocksDbStores(flags.folder, options));
  LikenessIndex index(*stores.images);
  ASSIGN_OR_RETURN(const std::vector<uint64_t> hashes, FillIndex(flags, index));
  std::mt19937_64 random(2);
  std::vector<double> searched, scanned;  // milliseconds
  for (uint64_t i = 0; i < flags.searches; ++i) {
    const uint64_t hash =
        hashes[random() % hashes.size()] ^ uint64_t { 1 } << (random() % 64);
    const absl::Time start = absl::Now();
    ASSIGN_OR_RETURN(const LikenessMatches found,
                     index.Find(hash, kDistance, kLimit));
    const absl::Time middle = absl::Now();
    size_t expected = 0;
    for (const uint64_t other : hashes) {
      expected += std::popcount(other ^ hash) <= kDistance ? 1 : 0;
    }
    scanned.push_back(absl::ToDoubleMilliseconds(absl::Now() - middle));
    searched.push_back(absl::ToDoubleMilliseconds(middle - start));
    if (found.matches.size() != expected) {
      return absl::InternalError(absl::StrCat(
          "found ", found.matches.size(), " pictures, there are ", expected));
    }
  }
  Report({{"search_p50_ms", Percentile(searched, 0.5)},
          {"search_p99_ms", Percentile(searched, 0.99)},
          {"scan_p50_ms", Percentile(scanned, 0.5)}});
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  ImageFlags flags;
  absl::Status (*run)(const ImageFlags&) = nullptr;
  CLI::App app("Measures the work on images.");
  app.require_subcommand(1);
  CLI::App* const decode = app.add_subcommand("decode");
  decode->add_option("files", flags.files)->required();
  decode->add_option("--rounds", flags.rounds)->check(CLI::PositiveNumber);
  decode->callback([&run] { run = MeasureDecoding; });
  CLI::App* const likeness = app.add_subcommand("likeness");
  likeness->add_option("--folder", flags.folder)->required();
  likeness->add_option("--pictures", flags.pictures)
      ->check(CLI::PositiveNumber);
  likeness->add_option("--searches", flags.searches)
      ->check(CLI::PositiveNumber);
  likeness->callback([&run] { run = MeasureLikeness; });
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = run(flags);
  if (status.ok()) return EXIT_SUCCESS;
  std::cerr << "picture_bench: " << status << "\n";
  return EXIT_FAILURE;
}

}  // namespace
}  // namespace portrait::bench

int main(int argc, char** argv) { return portrait::bench::Main(argc, argv); }
