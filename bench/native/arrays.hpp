// Arrays in npy files (NEP 1), versions 1.0, as the benchmark itself writes them.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace quern::bench {

struct Array {
  std::vector<int64_t> shape;
  std::vector<char> bytes;

  template <class T>
  const T* data() const {
    return reinterpret_cast<const T*>(bytes.data());
  }
  template <class T>
  T* data() {
    return reinterpret_cast<T*>(bytes.data());
  }
};

using Arrays = std::map<std::string, Array>;

inline Array read_npy(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  char start[10];
  if (!in.read(start, sizeof start) || std::memcmp(start, "\x93NUMPY\x01", 7) != 0) throw std::runtime_error(file.string() + ": not an npy 1.0 file");
  std::string header(static_cast<unsigned char>(start[8]) + 256u * static_cast<unsigned char>(start[9]), '\0');
  in.read(header.data(), static_cast<std::streamsize>(header.size()));
  Array array;
  int64_t count = header[header.find("descr") + 11] - '0';
  const char* at = header.c_str() + header.find('(') + 1;
  for (char* end = nullptr; *at != ')'; at = *end == ',' ? end + 1 : end) {
    while (*at == ' ') at++;
    if (*at == ')') break;
    array.shape.push_back(std::strtoll(at, &end, 10));
    count *= array.shape.back();
  }
  array.bytes.resize(static_cast<size_t>(count));
  if (!in.read(array.bytes.data(), count)) throw std::runtime_error(file.string() + ": shorter than its header says");
  return array;
}

inline Arrays read_folder(const std::filesystem::path& folder) {
  Arrays arrays;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".npy") arrays[entry.path().stem()] = read_npy(entry.path());
  }
  return arrays;
}

// One dimension of float32.
inline void write_npy(const std::filesystem::path& file, const float* values, size_t count) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(count) + ",), }";
  header.resize((header.size() + 10 + 64) / 64 * 64 - 11, ' ');
  header += '\n';
  std::ofstream out(file, std::ios::binary);
  out.write("\x93NUMPY\x01\x00", 8);
  out.put(static_cast<char>(header.size() & 255)).put(static_cast<char>(header.size() >> 8));
  out << header;
  out.write(reinterpret_cast<const char*>(values), static_cast<std::streamsize>(count * sizeof(float)));
  if (!out) throw std::runtime_error(file.string() + ": cannot be written");
}

}  // namespace quern::bench
