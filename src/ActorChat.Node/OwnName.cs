// Finds our own name in the directory: the entry whose port is the one we listen on and whose address is this machine's.

using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using ActorChat.Storage.Contacts;

namespace ActorChat.Node;

/// <summary>Recognises our own entry.</summary>
public static class OwnName
{
    /// <summary>The name of the one entry that is this node; null when none is, or more than one could be.</summary>
    /// <param name="directory">The directory as loaded.</param>
    /// <param name="port">The port we listen on.</param>
    /// <param name="isOurs">Whether an address or host name is this machine's.</param>
    public static string? Find(ContactDirectory directory, int port, Func<string, bool> isOurs)
    {
        ArgumentNullException.ThrowIfNull(directory);
        ArgumentNullException.ThrowIfNull(isOurs);
        var candidates = directory.Contacts.Where(contact => contact.Port == port && isOurs(contact.Host)).Take(2).ToArray();
        return candidates.Length == 1 ? candidates[0].Username : null;
    }

    /// <summary>Whether an address or host name always means the machine that uses it.</summary>
    public static bool IsLoopback(string host) =>
        IPAddress.TryParse(host, out var address) ? IPAddress.IsLoopback(address) : host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether an address is one of this machine's, or a host name is its own. No name server is asked.</summary>
    public static bool IsThisMachine(string host)
    {
        if (!IPAddress.TryParse(host, out var address))
        {
            return host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.Equals(Dns.GetHostName(), StringComparison.OrdinalIgnoreCase);
        }

        return IPAddress.IsLoopback(address) ||
            NetworkInterface.GetAllNetworkInterfaces().Any(card => card.GetIPProperties().UnicastAddresses.Any(own => own.Address.Equals(address)));
    }

    /// <summary>An address by which others may reach this machine, as far as the machine itself can know; the loopback address where it has no other.</summary>
    public static string GuessAddress() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(card => card.OperationalStatus == OperationalStatus.Up && card.NetworkInterfaceType != NetworkInterfaceType.Loopback)
        .OrderByDescending(card => card.GetIPProperties().GatewayAddresses.Count > 0)
        .SelectMany(card => card.GetIPProperties().UnicastAddresses)
        .Select(own => own.Address)
        .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address))?.ToString() ?? "127.0.0.1";
}
