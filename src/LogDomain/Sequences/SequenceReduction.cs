namespace LogDomain.Sequences;

/// <summary>How the losses of sequences become one number.</summary>
public enum SequenceReduction
{
    /// <summary>The sum divided by the number of sequences.</summary>
    Mean,

    /// <summary>The sum.</summary>
    Sum,

    /// <summary>The sum divided by the number of positions that count.</summary>
    MeanOfPositions,
}
