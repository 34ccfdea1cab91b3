// By what a stranger is counted: the address, or for IPv6, where one subscriber has very many addresses, their network.

using System.Net;
using System.Net.Sockets;

namespace ActorChat.Node.Limits;

/// <summary>Addresses as the limits see them.</summary>
internal static class Network
{
    private const int PrefixBytes = 8;

    /// <summary>An IPv4 address as it is; the first 64 bits of an IPv6 address, since one subscriber has all addresses that share them.</summary>
    public static IPAddress Of(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(PrefixBytes).Clear();
        return new IPAddress(bytes);
    }
}
