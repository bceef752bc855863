namespace LogDomain.Losses;

/// <summary>How the losses of the rows become one number.</summary>
public enum Reduction
{
    /// <summary>The sum of the losses of the rows that count, divided by how many these are; NaN if there are none.</summary>
    Mean,

    /// <summary>The sum of the losses of the rows that count; 0 if there are none.</summary>
    Sum,
}
