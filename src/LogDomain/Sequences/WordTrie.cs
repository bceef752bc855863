namespace LogDomain.Sequences;

/// <summary>Words as a tree of characters: which of them begin with what has been seen.</summary>
internal sealed class WordTrie
{
    private readonly Dictionary<(int Node, char Next), int> _children = [];
    private readonly List<int> _shortest = [0];   // from the root through this node to the end of the nearest word; 0 at the root
    private readonly List<bool> _isWord = [false];

    public WordTrie(IEnumerable<string> words)
    {
        foreach (string word in words)
        {
            int node = 0;
            foreach (char next in word)
            {
                if (!_children.TryGetValue((node, next), out int child))
                {
                    child = _shortest.Count;
                    _children.Add((node, next), child);
                    _shortest.Add(word.Length);
                    _isWord.Add(false);
                }

                _shortest[child] = Math.Min(_shortest[child], word.Length);
                node = child;
            }

            _isWord[node] = true;
        }
    }

    /// <summary>The node after more characters, or -1 if no word goes on so.</summary>
    public int Follow(int node, string characters)
    {
        foreach (char next in characters)
        {
            if (node < 0 || !_children.TryGetValue((node, next), out node))
            {
                return -1;
            }
        }

        return node;
    }

    /// <summary>Whether a word ends here.</summary>
    public bool IsWord(int node) => node >= 0 && _isWord[node];

    /// <summary>The length of the shortest word that begins so.</summary>
    public int Shortest(int node) => _shortest[node];
}
