// By what a stranger is counted: his address, or where he can choose among very many, the network that they are in.

using System.Net;
using System.Net.Sockets;

namespace ActorChat.Node.Limits;

/// <summary>Addresses as the limits see them.</summary>
internal static class Network
{
    private const int PrefixBytes = 8;

    /// <summary>An IPv4 address as it is; of an IPv6 address its first 64 bits, since one subscriber has 2^64 addresses behind them.</summary>
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
