// Says how long a guess at a password has to wait, by its user name and by where it comes from. Every dh_1 is a guess until its sender
// has proved that it knows the password, so those that are under way at the same time count too. Where alice has authenticated from an
// address, she does not have to wait there for what others try in her name elsewhere.

using System.Net;

namespace ActorChat.Node.Limits;

/// <summary>Slows the guessing of passwords, by user name and by <see cref="Network"/>. Unknown names are counted like any other.</summary>
/// <param name="limits">The limits.</param>
internal sealed class Guesses(GuessLimits limits)
{
    private readonly GuessCounts<string> _byName = new(limits);
    private readonly GuessCounts<IPAddress> _byNetwork = new(limits);
    private readonly GuessCounts<(string Name, IPAddress Network)> _proved = new(limits);

    /// <summary>Counts a guess.</summary>
    /// <returns>How long it has to wait for its answer.</returns>
    public TimeSpan Guess(string name, IPAddress address, TimeSpan now)
    {
        var network = Network.Of(address);
        var (byName, byNetwork) = (_byName.Guess(name, now), _byNetwork.Guess(network, now));
        return _proved.Knows((name, network)) ? _proved.Guess((name, network), now)
            : byName > byNetwork ? byName : byNetwork;
    }

    /// <summary>Takes one guess back: its sender has proved that it knows the password.</summary>
    public void Proved(string name, IPAddress address)
    {
        var network = Network.Of(address);
        _byName.TakeBack(name);
        _byNetwork.TakeBack(network);
        _proved.TakeBack((name, network));
    }
}
