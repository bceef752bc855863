namespace LogDomain.Kernels.Alignment;

/// <summary>One path of a sequence through the columns of a model.</summary>
/// <param name="Score">Its logarithm.</param>
/// <param name="Steps">Its states, with how many symbols and columns there have been up to each.</param>
internal readonly record struct ColumnPath(double Score, IReadOnlyList<(int State, int Row, int Column)> Steps);
