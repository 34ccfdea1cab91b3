// The numbers of a stream that have come, as ranges: a stream without gaps is one range, however long it is.

namespace ActorChat.Storage.Ledgers;

/// <summary>A set of numbers from 1, kept as ranges and bounded in their count.</summary>
/// <param name="max">The most ranges. Beyond it the lowest gap is closed: a number in it that comes later is taken for a repetition.</param>
internal sealed class NumberRanges(int max)
{
    private readonly List<(long First, long Last)> _ranges = []; // in order, with a gap between each and the next

    /// <summary>The ranges, the lowest first.</summary>
    public IReadOnlyList<(long First, long Last)> All => _ranges;

    /// <summary>The highest number; 0 when there is none.</summary>
    public long Highest => _ranges is [.., var last] ? last.Last : 0;

    /// <summary>Whether the number is in the set.</summary>
    public bool Contains(long number) => IndexOf(number) is var index && index < _ranges.Count && _ranges[index].First <= number;

    /// <summary>Adds a number, if it is not there.</summary>
    public void Add(long number) => Add(number, number);

    /// <summary>Adds a range that comes after all others, or is a single number.</summary>
    public void Add(long first, long last)
    {
        var index = IndexOf(first);
        if (index < _ranges.Count && _ranges[index].First <= first)
        {
            return;
        }

        if (index > 0 && _ranges[index - 1].Last == first - 1)
        {
            first = _ranges[--index].First;
            _ranges.RemoveAt(index);
        }

        if (index < _ranges.Count && _ranges[index].First == last + 1)
        {
            last = _ranges[index].Last;
            _ranges.RemoveAt(index);
        }

        _ranges.Insert(index, (first, last));
        if (_ranges.Count > max)
        {
            _ranges[1] = (_ranges[0].First, _ranges[1].Last);
            _ranges.RemoveAt(0);
        }
    }

    // The first range that ends at the number or after it.
    private int IndexOf(long number)
    {
        var (low, high) = (0, _ranges.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _ranges[middle].Last < number ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
