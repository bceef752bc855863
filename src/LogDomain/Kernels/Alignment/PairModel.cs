namespace LogDomain.Kernels.Alignment;

/// <summary>
/// Two sequences and a model of three states, all as logarithms: match (takes a symbol of both), first (of the first alone) and second (of the second alone).
/// </summary>
internal sealed class PairModel
{
    public const int Match = 0, First = 1, Second = 2;

    /// <summary>From state (row) to state (column).</summary>
    public required double[] Transitions { get; init; }

    /// <summary>Into the first state of an alignment.</summary>
    public required double[] Begin { get; init; }

    /// <summary>Out of its last one.</summary>
    public required double[] End { get; init; }

    /// <summary>Whether an alignment may begin and end anywhere (local), or at any border (overlap); it begins at both starts and ends at both ends otherwise.</summary>
    public PairRegion Region { get; init; }

    /// <summary>The alignment without a column, or -infinity.</summary>
    public required double Empty { get; init; }

    public required byte[] A { get; init; }

    public required byte[] B { get; init; }

    /// <summary>Emission of two symbols, <see cref="Symbols"/> by as many.</summary>
    public required double[] Pairs { get; init; }

    /// <summary>Emission of a symbol alone.</summary>
    public required double[] Singles { get; init; }

    public int Symbols => Singles.Length;

    /// <summary>Whether an alignment may begin after so many symbols of each.</summary>
    public bool MayBegin(int i, int j) => i >= 0 && j >= 0 && Region switch { PairRegion.Anywhere => true, PairRegion.Borders => i == 0 || j == 0, _ => i == 0 && j == 0 };

    /// <summary>Whether an alignment may end after so many symbols of each.</summary>
    public bool MayEnd(int i, int j) => MayBegin(A.Length - i, B.Length - j);

    /// <summary>The same model read from the ends.</summary>
    public PairModel Reversed()
    {
        double[] transposed = new double[9];
        for (int from = 0; from < 3; from++)
        {
            for (int to = 0; to < 3; to++)
            {
                transposed[(to * 3) + from] = Transitions[(from * 3) + to];
            }
        }

        return new()
        {
            Transitions = transposed,
            Begin = End,
            End = Begin,
            Region = Region,
            Empty = Empty,
            A = [.. A.Reverse()],
            B = [.. B.Reverse()],
            Pairs = Pairs,
            Singles = Singles,
        };
    }

    public double Emission(int state, int i, int j) =>
        state == Match ? Pairs[(A[i - 1] * Symbols) + B[j - 1]] : state == First ? Singles[A[i - 1]] : Singles[B[j - 1]];
}
