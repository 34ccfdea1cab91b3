// A line about the passwords that still have to go through Argon2id, shown where there are many. Pure.

namespace ActorChat.Screens.Terminal;

/// <summary>Counts down, and remembers where the count began.</summary>
internal sealed class Preparation
{
    private int _all;
    private int _missing;

    /// <summary>The line; null when nothing is being prepared.</summary>
    public string? InWords => _missing == 0 ? null : $"{_all - _missing} of {_all} new passwords are ready; until then a call may take longer.";

    /// <summary>Takes the number of passwords that are still missing.</summary>
    public void Set(int missing)
    {
        _all = missing == 0 ? 0 : Math.Max(_all, missing);
        _missing = missing;
    }
}
