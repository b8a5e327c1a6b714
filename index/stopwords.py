"""French function words that say nothing about the subject of a text or of a question.

Written for this project, folded (no accent) and in lower case. Interrogatives are among them: they
tell the kind of question, never its subject. Negations, prepositions of place that change the
meaning (« sans », « contre », « hors ») and every noun stay out.
"""

STOPWORDS = frozenset(
    """
    a ai aie aient ait alors as assez au aucun aucune aujourd hui auquel aura aurai auraient aurais
    aurait auront aussi autre autres aux auxquelles auxquels avaient avais avait avant avec avez
    aviez avions avoir avons ayant bien c ca car ce ceci cela celle celles celui cependant certain
    certaine certaines certains ces cet cette ceux chacun chacune chaque chez ci combien comme
    comment d dans de deja depuis des desquelles desquels dois doit doivent donc dont du duquel
    elle elles en encore entre es est et etaient etais etait etant etc ete etes etre eu eut eux
    faire fait faites faut furent fut ici il ils j jamais je jusqu jusque l la laquelle le lequel
    les lesquelles lesquels leur leurs lors lorsqu lorsque lui m ma mais me meme memes mes moi moins
    mon n ne ni non nos notre notamment nous on ont ou par parce pas pendant peu peut peuvent peux
    plus plusieurs pour pourquoi pourra pourrait pouvez pouvons presque puis puisqu puisque qu quand
    que quel quelle quelles quelque quelqu quelques quels qui quoi s sa se selon sera serai seraient
    serais serait seront ses si soi soient sois soit sommes son sont sous souvent suis sur t ta
    tandis tant te tel telle telles tels tes toi ton tous tout toute toutes tres tu un une va vais
    vers veut veux voici voila vont vos votre vous vu y
    """.split()
)
