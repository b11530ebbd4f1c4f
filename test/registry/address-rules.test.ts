import { describe, expect, it } from "vitest";
import { addressKind, isLoopbackHost, literalAddress } from "../../job/registry/address-rules.ts";

describe("addressKind", () => {
  it.each<[string, string]>([
    ["127.0.0.1", "loopback"],
    ["127.255.255.254", "loopback"],
    ["::1", "loopback"],
    ["0:0:0:0:0:0:0:1", "loopback"],
    ["::ffff:127.0.0.1", "loopback"],
    ["::ffff:7f00:1", "loopback"],
    ["::127.0.0.1", "loopback"],
    ["64:ff9b::127.0.0.1", "loopback"],
    ["0.0.0.0", "reserved"],
    ["0.1.2.3", "reserved"],
    ["::", "reserved"],
    ["::ffff:0.0.0.0", "reserved"],
    ["169.254.169.254", "reserved"],
    ["169.254.170.2", "reserved"],
    ["169.254.170.23", "reserved"],
    ["::ffff:169.254.169.254", "reserved"],
    ["::ffff:a9fe:a9fe", "reserved"],
    ["64:ff9b::a9fe:a9fe", "reserved"],
    ["fd00:ec2::254", "reserved"],
    ["fd00:ec2::23", "reserved"],
    ["FD00:0EC2:0:0:0:0:0:254", "reserved"],
    ["fe80::1", "reserved"],
    ["fe80::1%eth0", "reserved"],
    ["febf::1", "reserved"],
    ["224.0.0.1", "reserved"],
    ["239.255.255.255", "reserved"],
    ["255.255.255.255", "reserved"],
    ["ff02::1", "reserved"],
    ["10.0.0.1", "ordinary"],
    ["172.16.0.1", "ordinary"],
    ["192.168.1.1", "ordinary"],
    ["100.64.0.1", "ordinary"],
    ["52.95.110.1", "ordinary"],
    ["169.253.255.255", "ordinary"],
    ["128.0.0.1", "ordinary"],
    ["fd00:ec3::254", "ordinary"],
    ["fd12:3456::1", "ordinary"],
    ["2600:1f18::1", "ordinary"],
    ["::ffff:10.0.0.1", "ordinary"],
    ["64:ff9b::52.95.110.1", "ordinary"],
  ])("knows %s as %s", (address, kind) => {
    expect(addressKind(address)).toBe(kind);
  });
});

describe("literalAddress", () => {
  it.each([
    ["http://2130706433/", "127.0.0.1"],
    ["http://0x7f000001/", "127.0.0.1"],
    ["http://0x7f.1/", "127.0.0.1"],
    ["http://017700000001/", "127.0.0.1"],
    ["http://127.1/", "127.0.0.1"],
    ["http://127.0.0.1./", "127.0.0.1"],
    ["http://2852039166/", "169.254.169.254"],
    ["http://169.254.43518/", "169.254.169.254"],
    ["http://①②⑦.0.0.1/", "127.0.0.1"],
    ["http://[::ffff:127.0.0.1]/", "::ffff:7f00:1"],
    ["http://[::1]:5000/", "::1"],
  ])("reads %s as %s", (url, address) => {
    expect(literalAddress(new URL(url))).toBe(address);
  });

  it.each(["http://localhost/", "http://127.0.0.1.example/", "http://registry.example/"])(
    "finds none in %s",
    (url) => {
      expect(literalAddress(new URL(url))).toBeUndefined();
    },
  );
});

describe("isLoopbackHost", () => {
  it.each([
    ["http://localhost:5000", true],
    ["http://LOCALHOST.", true],
    ["http://registry.localhost", true],
    ["http://127.8.8.8", true],
    ["http://0x7f.1", true],
    ["http://[::1]:5000", true],
    ["http://localhost.example", false],
    ["http://notlocalhost", false],
    ["http://127.0.0.1.example", false],
    ["http://10.0.0.1", false],
  ])("says of %s: %s", (url, expected) => {
    expect(isLoopbackHost(new URL(url))).toBe(expected);
  });
});
